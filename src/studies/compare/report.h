// A comparison with a digital unit as text, Markdown and JSON (schema "capcam-compare/2").
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "studies/compare/compare.h"
#include "studies/compare/iso_accuracy.h"

namespace capcam {

std::string compare_table(const baseline::Comparison& comparison, const std::optional<baseline::IsoAccuracy>& within);
// Returns the tables of docs/baseline.md.
std::string compare_markdown(const baseline::Comparison& comparison);
nlohmann::ordered_json compare_to_json(const baseline::Comparison& comparison,
                                       const std::optional<baseline::IsoAccuracy>& within);

}  // namespace capcam
