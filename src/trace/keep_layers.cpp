// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "capcam/error.h"
#include "capcam/trace.h"
#include "core/printable.h"
#include "trace/trace_metadata.h"

namespace capcam {
namespace {

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

// "3" or "3-5".
std::optional<Range> parse_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto first = parse_layer_index(text.substr(0, dash));
  const auto last = dash == text.npos ? first : parse_layer_index(text.substr(dash + 1));
  if (!first || !last || *last < *first) return std::nullopt;
  return Range{*first, *last};
}

std::string range_text(std::uint64_t first, std::uint64_t last) {
  return first == last ? fmt::format("{}", first) : fmt::format("{}-{}", first, last);
}

// "0-2, 5"
std::string layers_text(const std::set<std::uint32_t>& layers) {
  std::string text;
  for (auto first = layers.begin(); first != layers.end();) {
    auto next = first;
    std::uint32_t last = *first;
    while (++next != layers.end() && *next == last + 1) last = *next;
    text += (text.empty() ? "" : ", ") + range_text(*first, last);
    first = next;
  }
  return text;
}

}  // namespace

void keep_layers(Trace& trace, const std::string& wanted) {
  std::set<std::uint32_t> present;
  for (const TraceLayer& layer : trace.layers) present.insert(layer.index);
  std::set<std::uint32_t> kept;
  Problems problems;
  for (std::size_t begin = 0; begin <= wanted.size();) {
    const std::size_t comma = std::min(wanted.find(',', begin), wanted.size());
    const std::string_view part = std::string_view(wanted).substr(begin, comma - begin);
    begin = comma + 1;
    const std::optional<Range> range = parse_range(part);
    if (!range) {
      problems.add(fmt::format("expected a layer (\"3\") or a range of layers (\"3-5\"), got \"{}\"", printable(part)));
      continue;
    }
    // The layers of the range come in ascending order; what lies between two of them is missing.
    std::uint64_t next = range->first;
    const auto missing_before = [&](std::uint64_t layer) {
      if (next < layer) {
        problems.add(fmt::format("{}: expected layers of {}, which has {}", range_text(next, layer - 1),
                                 printable(trace.path.string(), 4096), layers_text(present)));
      }
      next = layer + 1;
    };
    for (auto layer = present.lower_bound(range->first); layer != present.end() && *layer <= range->last; ++layer) {
      missing_before(*layer);
      kept.insert(*layer);
    }
    missing_before(std::uint64_t{range->last} + 1);
  }
  if (!problems.empty()) throw InputError(fmt::format("layers \"{}\"", printable(wanted)), problems.take());
  std::erase_if(trace.layers, [&](const TraceLayer& layer) { return !kept.contains(layer.index); });
}

}  // namespace capcam
