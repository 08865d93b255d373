// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/file/axis_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

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

AxisValues range_values(const TomlNode& node, std::uint64_t limit) {
  for (const TomlNode& child : node.children) {
    if (child.name != "from" && child.name != "to" && child.name != "step" && child.name != "factor")
      return {{}, fmt::format("unknown '{}' in a range; a range has from, to and either step or factor", child.name)};
  }
  const auto from = number_of(node.find("from")), to = number_of(node.find("to"));
  const auto step = number_of(node.find("step")), factor = number_of(node.find("factor"));
  if (!from || !to || step.has_value() == factor.has_value())
    return {{}, "expected a range {from, to, step} or {from, to, factor}, all of them finite numbers"};
  if (from->value > to->value) return {{}, fmt::format("from ({}) is more than to ({})", from->value, to->value)};
  if (step && step->value <= 0.0) return {{}, fmt::format("step: expected more than 0, got {}", step->value)};
  if (factor && factor->value <= 1.0) return {{}, fmt::format("factor: expected more than 1, got {}", factor->value)};
  if (factor && from->value <= 0.0)
    return {{}, fmt::format("from: expected more than 0 with a factor, got {}", from->value)};
  // Steps that would end at `to` but for rounding do end there.
  constexpr double rounding = 1e-9;
  const double steps =
      step ? (to->value - from->value) / step->value : std::log(to->value / from->value) / std::log(factor->value);
  const double last = std::floor(steps + rounding);
  if (last >= static_cast<double>(limit)) return {{}, fmt::format("more than max_points ({}) values", limit)};
  const bool whole = from->whole && (step ? step->whole : factor->whole);
  AxisValues result;
  double power = from->value;
  for (double i = 0; i <= last; ++i) {
    const double value = step ? from->value + i * step->value : power;
    result.values.push_back(value_at(node, whole ? std::round(value) : std::min(value, to->value), whole));
    if (factor) power *= factor->value;
  }
  return result;
}

}  // namespace

bool is_range(const TomlNode& node) {
  if (!node.is_table()) return false;
  return node.find("from") != nullptr || node.find("to") != nullptr || node.find("step") != nullptr ||
         node.find("factor") != nullptr;
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
