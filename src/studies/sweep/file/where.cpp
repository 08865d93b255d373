// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/file/where.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "capcam/error.h"
#include "studies/sweep/file/where_parser.h"

namespace capcam {
namespace {

std::string kind_of(const WhereValue& value) {
  constexpr const char* names[] = {"true or false", "a number", "a text"};
  return names[value.index()];
}

template <class T>
T expect(const WhereValue& value, std::size_t column, std::string_view operation) {
  if (const T* wanted = std::get_if<T>(&value)) return *wanted;
  throw InputError(fmt::format("where, column {}: '{}' needs {}, got {}", column, operation, kind_of(WhereValue(T{})),
                               kind_of(value)));
}

bool compare(std::string_view operation, double a, double b) {
  if (operation == "<") return a < b;
  if (operation == "<=") return a <= b;
  if (operation == ">") return a > b;
  return a >= b;
}

double calculate(std::string_view operation, double a, double b) {
  switch (operation[0]) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    default:
      return std::fmod(a, b);
  }
}

}  // namespace

Where::Where(std::string_view text) : root_(WhereParser(text).parse()) {
  const std::function<void(const Node&)> collect = [&](const Node& node) {
    if (node.operation.empty() && !node.key.empty() && std::find(keys_.begin(), keys_.end(), node.key) == keys_.end())
      keys_.push_back(node.key);
    for (const Node& operand : node.operands) collect(operand);
  };
  collect(root_);
}

WhereValue Where::evaluate(const Node& node, const std::function<WhereValue(const std::string&)>& value_of) {
  const std::string_view operation = node.operation;
  if (operation.empty()) return node.key.empty() ? node.literal : value_of(node.key);
  WhereValue first = evaluate(node.operands[0], value_of);
  if (operation == "not") return !expect<bool>(first, node.column, operation);
  if (operation == "negative") return -expect<double>(first, node.column, "-");
  if (operation == "and" || operation == "or") {
    if (expect<bool>(first, node.column, operation) == (operation == "or")) return first;
    return expect<bool>(evaluate(node.operands[1], value_of), node.column, operation);
  }
  const WhereValue second = evaluate(node.operands[1], value_of);
  if (operation == "==" || operation == "!=") {
    if (first.index() != second.index())
      throw InputError(fmt::format("where, column {}: '{}' compares {} with {}", node.column, operation, kind_of(first),
                                   kind_of(second)));
    return (first == second) == (operation == "==");
  }
  const double a = expect<double>(first, node.column, operation), b = expect<double>(second, node.column, operation);
  if (std::strchr("<>", operation[0]) != nullptr) return compare(operation, a, b);
  return calculate(operation, a, b);
}

bool Where::holds(const std::function<WhereValue(const std::string&)>& value_of) const {
  const WhereValue value = evaluate(root_, value_of);
  if (const bool* truth = std::get_if<bool>(&value)) return *truth;
  throw InputError("where: expected a condition, true or false, got " + kind_of(value));
}

}  // namespace capcam
