// The values of a grid's keys (TOML: lists, and ranges from, to, step or factor); a text with no "=" is a list of
// layers ("0,3-5").
// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "capcam/trace.h"
#include "config/toml_tree.h"
#include "input.h"
#include "studies/sweep/file/axis_values.h"

using namespace capcam;

namespace {

constexpr std::uint64_t limit = 1000;

double number_of(const TomlNode& node) {
  if (const auto* whole = std::get_if<std::int64_t>(&node.value)) return static_cast<double>(*whole);
  return std::get<double>(node.value);
}

void check_range(const TomlNode& node, const std::vector<TomlNode>& values) {
  const double from = number_of(*node.find("from")), to = number_of(*node.find("to"));
  fuzz::require(number_of(values.front()) == from, "a range begins with `from`");
  fuzz::require(number_of(values.back()) <= to, "a range ends with `to` or before");
  for (std::size_t i = 1; i < values.size(); ++i)
    fuzz::require(number_of(values[i - 1]) <= number_of(values[i]), "a range ascends");
}

void keep_some_layers(std::string_view text) {
  Trace trace;
  trace.layers.resize(8);
  for (std::uint32_t i = 0; i < trace.layers.size(); ++i) trace.layers[i].index = 2 * i;
  keep_layers(trace, std::string(text));
  fuzz::require(!trace.layers.empty(), "a list of layers that is accepted keeps some");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  fuzz::accepts([&] {
    if (text.find('=') == text.npos) return keep_some_layers(text);
    const TomlTree tree = read_toml_tree(fuzz::written("axes.toml", text), {});
    std::vector<std::string> problems;
    for (const TomlNode& node : tree.root.children) {
      const AxisValues read = axis_values(node, limit);
      if (!read.problem.empty()) {
        problems.push_back(read.problem);
        continue;
      }
      fuzz::require(!read.values.empty(), "an axis without a problem has values");
      if (!is_range(node)) continue;
      fuzz::require(read.values.size() <= limit, "a range has no more values than the limit");
      check_range(node, read.values);
    }
    if (!problems.empty()) throw InputError("axes", problems);
  });
  return 0;
}
