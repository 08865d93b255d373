// JSON of others: what is no JSON, is nested so deeply that no reader of it has the stack for it, or has so many
// members that looking them up takes for ever, is a problem.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>

namespace capcam {

// The value, or what is wrong with the text.
template <class Json = nlohmann::ordered_json>
std::variant<Json, std::string> read_json(std::string_view text);

}  // namespace capcam
