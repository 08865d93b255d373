// SPDX-License-Identifier: Apache-2.0
#include "report/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "capcam/error.h"

namespace capcam {

TextTable::TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

void TextTable::row(std::vector<std::string> cells) {
  if (cells.empty() || cells.size() > columns_.size()) throw LawBroken("TextTable: a row does not fit the columns");
  cells.resize(columns_.size());
  rows_.push_back(std::move(cells));
}

void TextTable::rule() { rows_.emplace_back(); }

std::string TextTable::text() const {
  std::vector<std::size_t> widths;
  std::vector<std::string> titles;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    titles.push_back(columns_[i].title);
    widths.push_back(columns_[i].title.size());
    for (const std::vector<std::string>& cells : rows_) {
      if (!cells.empty()) widths[i] = std::max(widths[i], cells[i].size());
    }
  }
  std::size_t total = columns_.empty() ? 0 : 2 * (columns_.size() - 1);
  for (const std::size_t width : widths) total += width;

  std::string text;
  const auto put = [&](const std::vector<std::string>& cells) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      line += columns_[i].align == Align::left ? fmt::format("  {:<{}}", cells[i], widths[i])
                                               : fmt::format("  {:>{}}", cells[i], widths[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  };
  put(titles);
  for (const std::vector<std::string>& cells : rows_) {
    if (cells.empty()) {
      text += "  " + std::string(total, '-') + '\n';
    } else {
      put(cells);
    }
  }
  return text;
}

std::string TextTable::markdown() const {
  std::string text = "|", rule = "|";
  for (const Column& column : columns_) {
    text += " " + column.title + " |";
    rule += column.align == Align::left ? "---|" : "--:|";
  }
  text += "\n" + rule + "\n";
  for (const std::vector<std::string>& cells : rows_) {
    if (cells.empty()) continue;
    text += "|";
    for (const std::string& cell : cells) text += " " + cell + " |";
    text += "\n";
  }
  return text;
}

}  // namespace capcam
