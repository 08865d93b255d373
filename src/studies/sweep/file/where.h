// The `where` of a sweep: an expression over configuration keys that says which combinations are wanted. It is data,
// never a script. Operators and operands are, from loosest to tightest,
//
//   or | and | not | == != < <= > >= | + - | * / % | unary - | ( ) | 1, 2.5, true, 'sar', "sar", array.rows
//
// and a comparison does not chain.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace capcam {

using WhereValue = std::variant<bool, double, std::string>;

class Where {
 public:
  // Throws InputError that names the column of the mistake.
  explicit Where(std::string_view text);

  // Returns the keys that the expression mentions, each once.
  const std::vector<std::string>& keys() const { return keys_; }

  // `value_of` gives the value of each of keys(). Throws InputError if a value is of the wrong kind.
  bool holds(const std::function<WhereValue(const std::string&)>& value_of) const;

 private:
  friend class WhereParser;
  struct Node {
    std::string_view operation;  // empty for a literal or a key
    std::size_t column = 0;      // counts from 1
    WhereValue literal;
    std::string key;  // empty for a literal
    std::vector<Node> operands;
  };
  static WhereValue evaluate(const Node& node, const std::function<WhereValue(const std::string&)>& value_of);

  Node root_;
  std::vector<std::string> keys_;
};

}  // namespace capcam
