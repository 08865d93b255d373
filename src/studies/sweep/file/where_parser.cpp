// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/file/where_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

#include "capcam/error.h"
#include "core/printable.h"

namespace capcam {
namespace {

// The limits keep an expression from exhausting the stack.
constexpr int deepest = 100;           // nested parentheses and signs
constexpr std::size_t longest = 4096;  // characters

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

void WhereParser::fail(std::size_t column, const std::string& problem) const {
  throw InputError(fmt::format("where, column {}: {}", column, problem));
}

std::string WhereParser::got() const {
  return token_.kind == Token::Kind::end ? "the end" : "'" + printable(std::string(token_.text)) + "'";
}

void WhereParser::next() {
  while (position_ < text_.size() && std::string_view(" \t\r\n").find(text_[position_]) != std::string_view::npos)
    ++position_;
  const std::size_t start = position_;
  if (start == text_.size()) {
    token_ = {Token::Kind::end, {}, start + 1};
    return;
  }
  const char first = text_[start];
  if (is_letter(first)) {
    while (position_ < text_.size() &&
           (is_letter(text_[position_]) || is_digit(text_[position_]) || text_[position_] == '.'))
      ++position_;
    token_ = {Token::Kind::word, text_.substr(start, position_ - start), start + 1};
  } else if (is_digit(first) || first == '.') {
    token_ = number_token(start);
  } else if (first == '\'' || first == '"') {
    token_ = text_token(start);
  } else {
    const std::string_view two = text_.substr(start, 2);
    position_ += two == "==" || two == "!=" || two == "<=" || two == ">=" ? 2 : 1;
    token_ = {Token::Kind::symbol, text_.substr(start, position_ - start), start + 1};
  }
}

WhereParser::Token WhereParser::number_token(std::size_t start) {
  double value = 0.0;
  const auto [end, error] = std::from_chars(text_.data() + start, text_.data() + text_.size(), value);
  if (error != std::errc{}) fail(start + 1, "expected a number");
  position_ = static_cast<std::size_t>(end - text_.data());
  return {Token::Kind::number, text_.substr(start, position_ - start), start + 1};
}

WhereParser::Token WhereParser::text_token(std::size_t start) {
  const std::size_t end = text_.find(text_[start], start + 1);
  if (end == std::string_view::npos) fail(start + 1, "the quote is never closed");
  position_ = end + 1;
  return {Token::Kind::text, text_.substr(start + 1, end - start - 1), start + 1};
}

bool WhereParser::at(std::string_view word) const {
  return (token_.kind == Token::Kind::word || token_.kind == Token::Kind::symbol) && token_.text == word;
}

Where::Node WhereParser::parse() {
  if (text_.size() > longest) fail(longest, fmt::format("longer than {} characters", longest));
  next();
  Where::Node root = either();
  if (token_.kind != Token::Kind::end) fail(token_.column, "expected an operator or the end, got " + got());
  return root;
}

Where::Node WhereParser::chain(Where::Node (WhereParser::*part)(), std::initializer_list<std::string_view> operations) {
  Where::Node left = (this->*part)();
  for (;;) {
    const auto found = std::find_if(operations.begin(), operations.end(), [this](auto word) { return at(word); });
    if (found == operations.end()) return left;
    Where::Node node{*found, token_.column, {}, {}, {}};
    next();
    node.operands.push_back(std::move(left));
    node.operands.push_back((this->*part)());
    left = std::move(node);
  }
}

Where::Node WhereParser::either() { return chain(&WhereParser::both, {"or"}); }
Where::Node WhereParser::both() { return chain(&WhereParser::negation, {"and"}); }
Where::Node WhereParser::sum() { return chain(&WhereParser::product, {"+", "-"}); }
Where::Node WhereParser::product() { return chain(&WhereParser::unary, {"*", "/", "%"}); }

Where::Node WhereParser::comparison() {
  constexpr std::string_view operations[] = {"==", "!=", "<=", ">=", "<", ">"};
  const auto operation = [&] {
    return std::find_if(std::begin(operations), std::end(operations), [this](auto word) { return at(word); });
  };
  Where::Node left = sum();
  const auto* const found = operation();
  if (found == std::end(operations)) return left;
  Where::Node node{*found, token_.column, {}, {}, {}};
  next();
  node.operands.push_back(std::move(left));
  node.operands.push_back(sum());
  if (operation() != std::end(operations)) fail(token_.column, "comparisons do not chain: write a < b and b < c");
  return node;
}

Where::Node WhereParser::negation() {
  if (!at("not")) return comparison();
  Where::Node node{"not", token_.column, {}, {}, {}};
  if (++depth_ > deepest) fail(token_.column, "nested too deeply");
  next();
  node.operands.push_back(negation());
  --depth_;
  return node;
}

Where::Node WhereParser::unary() {
  if (!at("-")) return primary();
  Where::Node node{"negative", token_.column, {}, {}, {}};
  if (++depth_ > deepest) fail(token_.column, "nested too deeply");
  next();
  node.operands.push_back(unary());
  --depth_;
  return node;
}

Where::Node WhereParser::primary() {
  const Token token = token_;
  Where::Node node{"", token.column, {}, {}, {}};
  if (at("(")) {
    if (++depth_ > deepest) fail(token.column, "nested too deeply");
    next();
    node = either();
    if (!at(")")) fail(token_.column, "expected ), got " + got());
    --depth_;
  } else if (token.kind == Token::Kind::number) {
    double value = 0.0;
    std::from_chars(token.text.data(), token.text.data() + token.text.size(), value);
    node.literal = value;
  } else if (token.kind == Token::Kind::text) {
    node.literal = std::string(token.text);
  } else if (at("true") || at("false")) {
    node.literal = at("true");
  } else if (token.kind == Token::Kind::word && !at("and") && !at("or") && !at("not")) {
    node.key = token.text;
  } else {
    fail(token.column, "expected a value, a key or (, got " + got());
  }
  next();
  return node;
}

}  // namespace capcam
