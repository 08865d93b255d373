// SPDX-License-Identifier: Apache-2.0
#include "studies/reproduce/silicon/csv_lines.h"

#include <fmt/format.h>

namespace capcam::silicon {
namespace {

class Splitter {
 public:
  Splitter(std::string_view text, std::vector<std::string>& problems) : text_(text), problems_(problems) {}

  std::vector<std::vector<CsvCell>> rows() {
    std::vector<std::vector<CsvCell>> rows;
    while (at_ < text_.size()) {
      std::vector<CsvCell> row;
      do {
        row.push_back(cell());
      } while (take(','));
      if (!take('\n') && at_ < text_.size()) {
        problem("expected a comma or the end of the line after a closing quote");
        while (at_ < text_.size() && text_[at_] != '\n') step();
        take('\n');
      }
      if (row.size() > 1 || !row.front().text.empty()) rows.push_back(std::move(row));
    }
    return rows;
  }

 private:
  CsvCell cell() {
    CsvCell cell{"", line_, column_};
    if (take('"')) {
      quoted(cell);
      if (at_ + 1 < text_.size() && text_[at_] == '\r' && text_[at_ + 1] == '\n') step();
      return cell;
    }
    while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != '\n') cell.text += step();
    if (!cell.text.empty() && cell.text.back() == '\r') cell.text.pop_back();
    return cell;
  }

  void quoted(CsvCell& cell) {
    while (at_ < text_.size()) {
      const char c = step();
      if (c != '"') {
        cell.text += c;
      } else if (at_ < text_.size() && text_[at_] == '"') {
        cell.text += step();
      } else {
        return;
      }
    }
    problems_.push_back(fmt::format("{}:{}: this quote is not closed", cell.line, cell.column));
  }

  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    step();
    return true;
  }
  char step() {
    const char c = text_[at_++];
    if (c == '\n') {
      ++line_;
      column_ = 1;
    } else {
      ++column_;
    }
    return c;
  }
  void problem(std::string_view text) { problems_.push_back(fmt::format("{}:{}: {}", line_, column_, text)); }

  std::string_view text_;
  std::vector<std::string>& problems_;
  std::size_t at_ = 0, line_ = 1, column_ = 1;
};

}  // namespace

std::vector<std::vector<CsvCell>> csv_rows(std::string_view text, std::vector<std::string>& problems) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  return Splitter(text, problems).rows();
}

}  // namespace capcam::silicon
