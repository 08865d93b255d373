// The figures of a machine's circuit as text and as JSON.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "capcam/circuit_figures.h"

namespace capcam {

std::string circuit_text(const CircuitFigures& figures);
nlohmann::ordered_json circuit_json(const CircuitFigures& figures);

}  // namespace capcam
