// Parses the text of a Where into its tree. Only Where uses it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "studies/sweep/file/where.h"

namespace capcam {

class WhereParser {
 public:
  explicit WhereParser(std::string_view text) : text_(text) {}
  Where::Node parse();

 private:
  struct Token {
    enum class Kind { end, word, number, text, symbol } kind = Kind::end;
    std::string_view text;  // without the quotes if it is a quoted text
    std::size_t column = 0;
  };
  void next();
  Token number_token(std::size_t start);
  Token text_token(std::size_t start);
  bool at(std::string_view word) const;
  [[noreturn]] void fail(std::size_t column, const std::string& problem) const;
  std::string got() const;

  Where::Node either();
  Where::Node both();
  Where::Node negation();
  Where::Node comparison();
  Where::Node chain(Where::Node (WhereParser::*part)(), std::initializer_list<std::string_view> operations);
  Where::Node sum();
  Where::Node product();
  Where::Node unary();
  Where::Node primary();

  std::string_view text_;
  std::size_t position_ = 0;
  Token token_;
  int depth_ = 0;
};

}  // namespace capcam
