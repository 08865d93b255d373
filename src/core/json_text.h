// Parses JSON that others wrote. A text is refused if it is no JSON, if it nests so deeply that no reader has the stack
// for it, or if it has so many members that looking them up takes for ever.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>

namespace capcam {

// Has the value, or says what is wrong with the text.
template <class Json = nlohmann::ordered_json>
std::variant<Json, std::string> read_json(std::string_view text);

}  // namespace capcam
