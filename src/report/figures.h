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

// Objects are opened, lists are left out.
Figures flat_figures(const nlohmann::ordered_json& json);

// The value at a dotted path (names may themselves hold dots), or nullptr.
const nlohmann::ordered_json* find_figure(const nlohmann::ordered_json& json, std::string_view path);

// Every path a report may have whatever the machine; those of components, stages and keys of a section come on top.
std::vector<std::string> known_figures();
// True if a report may have a number there.
bool is_figure(std::string_view path);

}  // namespace capcam
