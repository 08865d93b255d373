// A table that is written as plain text (columns padded to their widest cell, two spaces apart) or as Markdown.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace capcam {

enum class Align { left, right };

class TextTable {
 public:
  struct Column {
    std::string title;
    Align align = Align::left;
  };
  explicit TextTable(std::vector<Column> columns);

  // Missing cells are empty; there must not be more cells than columns.
  void row(std::vector<std::string> cells);
  void rule();                   // adds a line of dashes
  std::string text() const;      // is indented by two and has no trailing spaces
  std::string markdown() const;  // leaves the rules out

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;  // an empty row is a rule
};

}  // namespace capcam
