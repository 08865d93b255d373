// Reads the names of a trace's tensors: layers.<number>.q, k, v or mask.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace capcam {

struct TensorName {
  std::uint32_t layer = 0;
  std::string role;
};

// Returns the name's parts, or a message that says what is wrong with it.
std::variant<TensorName, std::string> read_tensor_name(std::string_view name);
std::optional<std::string> tensor_name_problem(std::string_view name);

}  // namespace capcam
