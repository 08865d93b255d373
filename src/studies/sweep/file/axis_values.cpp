// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/file/axis_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <variant>

#include "core/printable.h"
#include "studies/sweep/file/decimal.h"

namespace capcam {
namespace {

struct Number {
  double value = 0.0;
  bool whole = true;
};

std::optional<Number> number_of(const TomlNode* node) {
  if (node == nullptr) return std::nullopt;
  constexpr double exact = 0x1p53;
  if (const auto* whole = std::get_if<std::int64_t>(&node->value)) {
    if (std::abs(static_cast<double>(*whole)) > exact) return std::nullopt;
    return Number{static_cast<double>(*whole), true};
  }
  const auto* number = std::get_if<double>(&node->value);
  return number != nullptr && std::isfinite(*number) ? std::optional(Number{*number, false}) : std::nullopt;
}

TomlNode value_at(const TomlNode& node, double value, bool whole) {
  TomlNode result;
  result.name = node.name;
  result.key_place = node.key_place;
  result.place = node.place;
  if (whole) {
    result.value = static_cast<std::int64_t>(value);
  } else {
    result.value = value;
  }
  return result;
}

// A range that makes sense.
struct Range {
  Number from, to, by;
  bool steps = true;  // if false, `by` is a factor

  double last() const {  // index of the last value
    // Steps that end at `to` but for rounding do end there; whole ones are not rounded.
    const double rounding = from.whole && by.whole && steps ? 0.0 : 1e-9;
    const double count =
        steps ? (to.value - from.value) / by.value : std::log(to.value / from.value) / std::log(by.value);
    return std::floor(count + rounding);
  }
};

std::variant<Range, std::string> read_range(const TomlNode& node) {
  for (const TomlNode& child : node.children) {
    if (child.name != "from" && child.name != "to" && child.name != "step" && child.name != "factor")
      return fmt::format("unknown '{}' in a range; a range has from, to and either step or factor",
                         printable(child.name));
  }
  const auto from = number_of(node.find("from")), to = number_of(node.find("to"));
  const auto step = number_of(node.find("step")), factor = number_of(node.find("factor"));
  if (!from || !to || step.has_value() == factor.has_value())
    return "expected a range {from, to, step} or {from, to, factor}, all of them finite numbers";
  if (from->value > to->value) return fmt::format("from ({}) is more than to ({})", from->value, to->value);
  if (step && step->value <= 0.0) return fmt::format("step: expected more than 0, got {}", step->value);
  if (factor && factor->value <= 1.0) return fmt::format("factor: expected more than 1, got {}", factor->value);
  if (factor && from->value <= 0.0) return fmt::format("from: expected more than 0 with a factor, got {}", from->value);
  return Range{*from, *to, step ? *step : *factor, step.has_value()};
}

AxisValues range_values(const TomlNode& node, std::uint64_t limit) {
  const auto read = read_range(node);
  if (const auto* problem = std::get_if<std::string>(&read)) return {{}, *problem};
  const Range& range = std::get<Range>(read);
  const double last = range.last();
  if (last >= static_cast<double>(limit)) return {{}, fmt::format("more than max_points ({}) values", limit)};
  const bool whole = range.from.whole && range.by.whole;
  const std::optional<Decimal> from = decimal_of(range.from.value), by = decimal_of(range.by.value);
  AxisValues result;
  double power = range.from.value;
  for (std::int64_t i = 0; i <= static_cast<std::int64_t>(last); ++i) {
    std::optional<double> exact;
    if (from && by) exact = range.steps ? stepped(*from, *by, i) : multiplied(*from, *by, i);
    const double rounded = range.steps ? range.from.value + static_cast<double>(i) * range.by.value : power;
    const double value = exact.value_or(rounded);
    const bool exact_whole = whole && std::abs(value) <= 0x1p53;  // beyond, an integer may not hold it
    result.values.push_back(
        value_at(node, exact_whole ? std::round(value) : std::min(value, range.to.value), exact_whole));
    if (!range.steps) power *= range.by.value;
  }
  return result;
}

}  // namespace

bool is_range(const TomlNode& node) {
  if (!node.is_table()) return false;
  return node.find("from") != nullptr || node.find("to") != nullptr || node.find("step") != nullptr ||
         node.find("factor") != nullptr;
}

double count_axis_values(const TomlNode& node) {
  if (!is_range(node)) return node.is_array() ? static_cast<double>(node.children.size()) : 0.0;
  const auto read = read_range(node);
  const Range* range = std::get_if<Range>(&read);
  return range == nullptr ? 0.0 : range->last() + 1.0;
}

AxisValues axis_values(const TomlNode& node, std::uint64_t limit) {
  if (is_range(node)) return range_values(node, limit);
  if (!node.is_array() || node.children.empty())
    return {{}, "expected a list of values, or a range {from, to, step} or {from, to, factor}"};
  AxisValues result;
  for (const TomlNode& child : node.children) {
    if (child.is_array() || child.is_table()) return {{}, "expected a list of plain values"};
    result.values.push_back(child);
    result.values.back().name = node.name;
    result.values.back().key_place = child.place;
  }
  return result;
}

}  // namespace capcam
