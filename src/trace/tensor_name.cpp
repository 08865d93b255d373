// SPDX-License-Identifier: Apache-2.0
#include "trace/tensor_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/printable.h"
#include "trace/trace_metadata.h"

namespace capcam {

std::variant<TensorName, std::string> read_tensor_name(std::string_view name) {
  constexpr std::string_view prefix = "layers.";
  const std::size_t dot = name.rfind('.');
  std::optional<std::uint32_t> layer;
  std::string_view number;
  if (name.starts_with(prefix) && dot != name.npos && dot > prefix.size()) {
    number = name.substr(prefix.size(), dot - prefix.size());
    layer = parse_layer_index(number);
  }
  if (!layer) {
    const bool digits =
        !number.empty() && std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (digits && number.front() != '0')
      return fmt::format("{}: layer {}: at most {}", printable(name), printable(number),
                         std::numeric_limits<std::uint32_t>::max());
    return fmt::format("{}: unknown tensor, expected layers.<number>.q, k, v or mask", printable(name));
  }
  const std::string role(name.substr(dot + 1));
  if (role == "q" || role == "k" || role == "v" || role == "mask") return TensorName{*layer, role};
  if (role == "out")
    return fmt::format("{}: an output, which is no part of a trace: keep outputs in a file of their own",
                       printable(name));
  return fmt::format("{}: unknown tensor, expected q, k, v or mask", printable(name));
}

std::optional<std::string> tensor_name_problem(std::string_view name) {
  const auto read = read_tensor_name(name);
  const auto* wrong = std::get_if<std::string>(&read);
  return wrong == nullptr ? std::nullopt : std::optional(*wrong);
}

}  // namespace capcam
