// SPDX-License-Identifier: Apache-2.0
#include "studies/reproduce/silicon/macros.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <set>
#include <string_view>

#include "capcam/error.h"
#include "core/nearest.h"
#include "core/read_file.h"
#include "studies/reproduce/silicon/csv_lines.h"

namespace capcam::silicon {
namespace {

constexpr std::size_t most_bytes = std::size_t{16} << 20;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Asks a row for its columns, or only for their names.
class RowReader {
 public:
  RowReader(std::string file, std::vector<std::string>& problems) : file_(std::move(file)), problems_(problems) {}

  void begin(const std::map<std::string, std::size_t, std::less<>>& columns, const std::vector<CsvCell>& row) {
    columns_ = &columns;
    row_ = &row;
  }
  const std::vector<std::string>& names() const { return names_; }

  void text(std::string_view name, std::string& out) {
    if (const CsvCell* cell = find(name)) out = trimmed(cell->text);
  }
  void number(std::string_view name, std::optional<double>& out, double least, double most) {
    const CsvCell* cell = find(name);
    if (cell == nullptr) return;
    const std::string_view word = trimmed(cell->text);
    if (word.empty()) return;
    double value = 0.0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc{} || end != word.data() + word.size() || !(value >= least && value <= most)) {
      problem(*cell, name, fmt::format("expected a number from {} to {}, got '{}'", least, most, word));
    } else {
      out = value;
    }
  }
  template <class E, std::size_t N>
  bool choice(std::string_view name, E& out, const Choice<E> (&options)[N]) {
    const CsvCell* cell = find(name);
    if (cell == nullptr) return false;
    const std::string word(trimmed(cell->text));
    if (word.empty()) return false;
    std::vector<std::string> words;
    for (const Choice<E>& option : options) {
      words.emplace_back(option.name);
      if (option.name != word) continue;
      out = option.value;
      return true;
    }
    const auto meant = nearest(word, words);
    problem(*cell, name,
            fmt::format("expected one of {}, got '{}'{}", fmt::join(words, ", "), word,
                        meant ? fmt::format("; did you mean '{}'?", *meant) : ""));
    return false;
  }
  void required(std::string_view name, bool given) {
    if (given || row_ == nullptr) return;
    const CsvCell* cell = find(name);
    const CsvCell& at = cell == nullptr ? row_->front() : *cell;
    // A value that was refused has its problem already.
    if (cell == nullptr || trimmed(cell->text).empty()) problem(at, name, "expected a value, got nothing");
  }
  void problem(const CsvCell& cell, std::string_view name, std::string_view text) {
    problems_.push_back(fmt::format("{}:{}:{}: {}: {}", file_, cell.line, cell.column, name, text));
  }

 private:
  const CsvCell* find(std::string_view name) {
    if (columns_ == nullptr) {
      names_.emplace_back(name);
      return nullptr;
    }
    const auto column = columns_->find(name);
    return column == columns_->end() || column->second >= row_->size() ? nullptr : &(*row_)[column->second];
  }

  std::string file_;
  std::vector<std::string>& problems_;
  const std::map<std::string, std::size_t, std::less<>>* columns_ = nullptr;
  const std::vector<CsvCell>* row_ = nullptr;
  std::vector<std::string> names_;
};

// The columns, each once.
void read(RowReader& row, Macro& m) {
  std::optional<double> node_nm;
  row.text("name", m.name);
  row.required("name", !m.name.empty());
  row.required("kind", row.choice("kind", m.kind, macro_kinds));
  row.number("node_nm", node_nm, 3.0, 350.0);
  row.required("node_nm", node_nm.has_value());
  m.node_nm = node_nm.value_or(65.0);
  row.number("supply_v", m.supply_v, 0.1, 5.0);
  row.number("matchlines", m.matchlines, 1.0, 1e6);
  row.number("cells_per_matchline", m.cells_per_matchline, 1.0, 1e6);
  row.number("cell_capacitance_ff", m.cell_capacitance_ff, 1e-3, 1e4);
  row.text("capacitance_tag", m.capacitance_tag);
  MacroConverter converter{};
  if (row.choice("converter", converter, macro_converters)) m.converter = converter;
  row.number("converter_bits", m.converter_bits, 1.0, 20.0);
  row.number("converters", m.converters, 1.0, 1e6);
  row.number("cycle_ns", m.cycle_ns, 1e-3, 1e9);
  row.number("array_pj", m.array_pj, 1e-9, 1e9);
  row.number("converter_pj", m.converter_pj, 1e-9, 1e9);
  row.number("matchline_pj", m.matchline_pj, 1e-9, 1e9);
  row.number("array_mm2", m.array_mm2, 1e-9, 1e6);
  row.number("converter_mm2", m.converter_mm2, 1e-9, 1e6);
  row.number("area_mm2", m.area_mm2, 1e-9, 1e6);
  row.number("fj_per_bit", m.fj_per_bit, 1e-9, 1e9);
  row.text("source", m.source);
  row.text("tag", m.tag);
  row.choice("cell_circuit", m.cell_circuit, cell_circuits);
  m.use_given = row.choice("use", m.use, use_kinds);
  row.text("remark", m.remark);
}

std::map<std::string, std::size_t, std::less<>> columns_of(const std::string& file, const std::vector<CsvCell>& header,
                                                           const std::vector<std::string>& known,
                                                           std::vector<std::string>& problems) {
  std::map<std::string, std::size_t, std::less<>> columns;
  for (std::size_t i = 0; i < header.size(); ++i) {
    const std::string name(trimmed(header[i].text));
    const std::string place = fmt::format("{}:{}:{}", file, header[i].line, header[i].column);
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      const auto meant = nearest(name, known);
      problems.push_back(fmt::format("{}: unknown column '{}', expected one of {}{}", place, name,
                                     fmt::join(known, ", "), meant ? fmt::format("; did you mean '{}'?", *meant) : ""));
    } else if (!columns.emplace(name, i).second) {
      problems.push_back(fmt::format("{}: column '{}' stands twice", place, name));
    }
  }
  for (const char* needed : {"name", "kind", "node_nm"}) {
    if (!columns.contains(needed))
      problems.push_back(fmt::format("{}:1:1: expected a column '{}', got none", file, needed));
  }
  return columns;
}

}  // namespace

std::vector<Macro> read_macros(const std::filesystem::path& path) {
  const std::string file = path.string();
  FileText read_text = read_file(path, most_bytes);
  if (!read_text.problem.empty()) throw InputError(fmt::format("cannot read {}: {}", file, read_text.problem));
  std::vector<std::string> places, problems;
  const std::vector<std::vector<CsvCell>> rows = csv_rows(read_text.text, places);
  for (const std::string& place : places) problems.push_back(fmt::format("{}:{}", file, place));
  if (rows.empty()) throw InputError(fmt::format("{}: expected a line of column names, got nothing", file));

  RowReader reader(file, problems);
  Macro macro;
  read(reader, macro);  // collects the names of the columns
  const auto columns = columns_of(file, rows.front(), reader.names(), problems);
  std::vector<Macro> macros;
  std::set<std::string> seen;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const std::vector<CsvCell>& row = rows[i];
    if (row.size() != rows.front().size()) {
      problems.push_back(fmt::format("{}:{}:{}: expected {} cells, as the first line has, got {}", file,
                                     row.front().line, row.front().column, rows.front().size(), row.size()));
      continue;
    }
    reader.begin(columns, row);
    macro = {};
    read(reader, macro);
    if (!macro.name.empty() && !seen.insert(macro.name).second)
      reader.problem(row.front(), "name", fmt::format("'{}' stands twice", macro.name));
    macros.push_back(macro);
  }
  if (!problems.empty()) throw InputError(fmt::format("macros in {}", file), std::move(problems));
  return macros;
}

void take_use_from(const std::vector<Macro>& shipped, std::vector<Macro>& macros) {
  for (Macro& macro : macros) {
    const auto same =
        std::find_if(shipped.begin(), shipped.end(), [&](const Macro& m) { return m.name == macro.name; });
    if (!macro.use_given && same != shipped.end()) macro.use = same->use;
  }
}

}  // namespace capcam::silicon
