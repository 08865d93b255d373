// A report's JSON as a flat list: every figure under its dotted path ("energy_pj.components.dram").
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace capcam {

using Figures = std::vector<std::pair<std::string, nlohmann::ordered_json>>;

// Goes into objects and leaves lists out.
Figures flat_figures(const nlohmann::ordered_json& json);

// Returns the value at a dotted path (names may themselves hold dots), or nullptr.
const nlohmann::ordered_json* find_figure(const nlohmann::ordered_json& json, std::string_view path);

// Returns every path that every report has; those of components, stages and keys of a section depend on the machine.
std::vector<std::string> known_figures();
// Returns true if a report may have a number at the path.
bool is_figure(std::string_view path);

}  // namespace capcam
