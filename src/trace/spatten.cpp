// SPDX-License-Identifier: Apache-2.0
#include "trace/spatten.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "capcam/error.h"
#include "core/nearest.h"
#include "core/printable.h"
#include "core/read_file.h"

namespace capcam {
namespace {

constexpr std::uint64_t most_ids = 65535, most_size = std::uint64_t{1} << 24;
constexpr std::size_t most_line_bytes = 4096, most_bytes = std::size_t{256} << 20;

std::vector<std::string_view> cells_of(std::string_view line) {
  std::vector<std::string_view> cells;
  for (;;) {
    const std::size_t comma = line.find(',');
    std::string_view cell = line.substr(0, comma);
    while (!cell.empty() && (cell.front() == ' ' || cell.front() == '"')) cell.remove_prefix(1);
    while (!cell.empty() && (cell.back() == ' ' || cell.back() == '"' || cell.back() == '\r')) cell.remove_suffix(1);
    cells.push_back(cell);
    if (comma == std::string_view::npos) return cells;
    line.remove_prefix(comma + 1);
  }
}

// Has the columns that matter, by their place in a line.
struct Columns {
  std::optional<std::size_t> iteration, layer, head, dimension, length, keys, values, has_top_k, top_k;
};

// One head of one layer in one iteration.
struct HeadRow {
  std::uint64_t line = 0, iteration = 0, layer = 0, head = 0, dimension = 0, length = 0, keys = 0, kept = 0;
};

class Table {
 public:
  explicit Table(const std::filesystem::path& file) : file_(file) {}
  SyntheticSpec read();

 private:
  void wrong(std::uint64_t line, const std::string& text) { problems_.add(fmt::format("line {}: {}", line, text)); }
  bool read_header(const std::string& line);
  void read_row(std::uint64_t line, const std::string& text);
  std::optional<std::uint64_t> number(std::uint64_t line, const std::vector<std::string_view>& cells,
                                      std::optional<std::size_t> column, std::string_view name, std::uint64_t most);
  void check();
  void check_iteration(const std::vector<const HeadRow*>& rows, std::uint64_t iteration);
  SyntheticSpec spec() const;

  std::filesystem::path file_;
  Problems problems_;
  Columns columns_;
  std::vector<std::string> known_;  // names of the columns that may stand in a table
  std::vector<HeadRow> rows_;
  std::uint64_t layers_ = 0, heads_ = 0, iterations_ = 0;
};

bool Table::read_header(const std::string& line) {
  const std::vector<std::string_view> names = cells_of(line);
  const auto same = [](std::string_view a, std::string_view b) {  // capitals do not count
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
  };
  const auto find = [&](std::string_view name, bool required) -> std::optional<std::size_t> {
    known_.emplace_back(name);
    const auto found =
        std::find_if(names.begin(), names.end(), [&](std::string_view given) { return same(given, name); });
    if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
    if (required) wrong(1, fmt::format("{}: the column is missing", name));
    return std::nullopt;
  };
  columns_.iteration = find("iteration_id", false);
  columns_.layer = find("layer_id", true);
  columns_.head = find("head_id", true);
  columns_.dimension = find("embedding_length_D", true);
  columns_.length = find("sentence_length_L", true);
  const auto both = find("key_value_query_fetch_num", false);
  columns_.keys = both ? both : find("key_fetch_num", true);
  columns_.values = both ? both : find("value_fetch_num", true);
  columns_.has_top_k = find("if_topk", true);
  columns_.top_k = find("topk", true);
  // A column that is not needed may be another one misspelt, and then the table would be read as another format.
  for (const std::string_view name : names) {
    if (std::any_of(known_.begin(), known_.end(), [&](const std::string& known) { return same(name, known); }))
      continue;
    for (const std::string& known : known_) {
      if (edit_distance(name, known) > 2) continue;
      wrong(1, fmt::format("{}: unknown column, did you mean {}?", printable(name), known));
      break;
    }
  }
  return problems_.empty();
}

std::optional<std::uint64_t> Table::number(std::uint64_t line, const std::vector<std::string_view>& cells,
                                           std::optional<std::size_t> column, std::string_view name,
                                           std::uint64_t most) {
  const std::string_view text = column && *column < cells.size() ? cells[*column] : std::string_view();
  double value = 0.0;  // some tables write 64.0
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc{} && end == text.data() + text.size() && value >= 0.0 && value == std::floor(value) &&
      value <= static_cast<double>(most))
    return static_cast<std::uint64_t>(value);
  wrong(line,
        fmt::format("{}: expected an integer from 0 to {}, got \"{}\"", name, most, printable(std::string(text))));
  return std::nullopt;
}

void Table::read_row(std::uint64_t line, const std::string& text) {
  const std::vector<std::string_view> cells = cells_of(text);
  // Behind their rows, the tables name the configuration that they were made with.
  const std::string_view first = cells.front();
  if (first.ends_with(".yml") && std::all_of(cells.begin() + 1, cells.end(), [](auto cell) { return cell.empty(); }))
    return;
  HeadRow row;
  row.line = line;
  bool good = true;
  const auto read = [&](std::uint64_t& out, std::optional<std::size_t> column, std::string_view name,
                        std::uint64_t least, std::uint64_t most) {
    const auto value = number(line, cells, column, name, most);
    if (value && *value < least) wrong(line, fmt::format("{}: expected at least {}, got {}", name, least, *value));
    good = good && value && *value >= least;
    out = value.value_or(least);
  };
  if (columns_.iteration) read(row.iteration, columns_.iteration, "iteration_id", 0, most_size);
  read(row.layer, columns_.layer, "layer_id", 0, most_ids - 1);
  read(row.head, columns_.head, "head_id", 0, most_ids - 1);
  read(row.dimension, columns_.dimension, "embedding_length_D", 1, most_ids);
  read(row.length, columns_.length, "sentence_length_L", 1, most_size);
  read(row.keys, columns_.keys, "key_fetch_num", 1, most_size);
  read(row.kept, columns_.values, "value_fetch_num", 1, most_size);
  const std::string_view flag = *columns_.has_top_k < cells.size() ? cells[*columns_.has_top_k] : std::string_view();
  if (flag == "True") {
    std::uint64_t top_k = 0;
    read(top_k, columns_.top_k, "topk", 1, most_size);
    row.kept = std::min(row.kept, top_k);
  } else if (flag != "False") {
    wrong(line, fmt::format("if_topk: expected True or False, got \"{}\"", printable(std::string(flag))));
    good = false;
  }
  if (good && row.keys > row.length)
    wrong(line, fmt::format("key_fetch_num ({}) is more than sentence_length_L ({})", row.keys, row.length));
  if (good) rows_.push_back(row);
}

void Table::check_iteration(const std::vector<const HeadRow*>& rows, std::uint64_t iteration) {
  std::vector<bool> seen(layers_ * heads_);
  for (const HeadRow* row : rows) {
    if (seen[row->layer * heads_ + row->head])
      wrong(row->line,
            fmt::format("layer {} head {} of iteration {} is given twice", row->layer, row->head, iteration));
    seen[row->layer * heads_ + row->head] = true;
  }
  const auto missing = std::find(seen.begin(), seen.end(), false);
  if (missing == seen.end()) return;
  const auto place = static_cast<std::uint64_t>(missing - seen.begin());
  wrong(rows.empty() ? 1 : rows.back()->line,
        fmt::format("iteration {} ends without layer {} head {}: a trace has every head of every layer (heads pruned "
                    "from a layer cannot be told)",
                    iteration, place / heads_, place % heads_));
}

void Table::check() {
  if (rows_.empty()) return problems_.add("there are no heads in the table");
  for (const HeadRow& row : rows_) {
    layers_ = std::max(layers_, row.layer + 1);
    heads_ = std::max(heads_, row.head + 1);
    iterations_ = std::max(iterations_, row.iteration + 1);
  }
  // No more ids than lines, or a single line could ask for gigabytes; nor far more heads in all, which take as long.
  constexpr std::uint64_t most_per_line = 4;
  if (layers_ * heads_ > rows_.size() || iterations_ > rows_.size() ||
      layers_ * heads_ * iterations_ > most_per_line * rows_.size())
    return problems_.add(fmt::format("{} layers, {} heads and {} iterations by their numbers, but only {} lines",
                                     layers_, heads_, iterations_, rows_.size()));
  const HeadRow& first = rows_.front();
  std::vector<std::vector<const HeadRow*>> by_iteration(iterations_);
  for (const HeadRow& row : rows_) {
    by_iteration[row.iteration].push_back(&row);
    if (row.dimension != first.dimension)
      wrong(row.line, fmt::format("embedding_length_D: expected {} as in line {}, got {}", first.dimension, first.line,
                                  row.dimension));
    const std::uint64_t length = first.length + row.iteration - first.iteration;
    if (row.length != length)
      wrong(row.line,
            fmt::format("sentence_length_L: expected {} (each iteration adds a token), got {}", length, row.length));
  }
  for (std::uint64_t i = 0; i < iterations_; ++i) check_iteration(by_iteration[i], i);
}

SyntheticSpec Table::spec() const {
  SyntheticSpec spec;
  spec.layers = layers_;
  spec.heads = spec.kv_heads = heads_;
  spec.head_dim = spec.value_dim = rows_.front().dimension;
  const bool decodes = columns_.iteration.has_value();
  spec.keys = rows_.front().length - rows_.front().iteration + iterations_ - 1;
  spec.queries = decodes ? iterations_ : spec.keys;
  spec.causal = decodes;
  spec.query_offset = decodes ? spec.keys - iterations_ : 0;
  spec.model = "SpAtten workload " + printable(file_.filename().string());
  spec.pruned_keys.assign(layers_, spec.keys);  // the least that a head of the layer prunes: the mask is all heads'
  std::uint64_t most_kept = 0;
  for (const HeadRow& row : rows_) {  // only the last iteration counts
    if (row.iteration + 1 != iterations_) continue;
    spec.pruned_keys[row.layer] = std::min(spec.pruned_keys[row.layer], row.length - row.keys);
    spec.metadata[fmt::format("top_k.{}.{}", row.layer, row.head)] = std::to_string(row.kept);
    most_kept = std::max(most_kept, row.kept);
  }
  spec.metadata["top_k"] = std::to_string(most_kept);
  return spec;
}

SyntheticSpec Table::read() {
  const std::string name = printable(file_.string(), 4096);
  FileText content = read_file(file_, most_bytes);
  if (!content.problem.empty()) throw InputError(fmt::format("{} cannot be read", name), {content.problem});
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";  // a mark that spreadsheets write
  if (content.text.starts_with(byte_order_mark)) content.text.erase(0, byte_order_mark.size());
  std::istringstream in(std::move(content.text));
  std::string line;
  std::uint64_t number = 0;
  bool header = false;
  while (std::getline(in, line)) {
    ++number;
    if (line.size() > most_line_bytes) {
      wrong(number, fmt::format("expected at most {} bytes, got {}", most_line_bytes, line.size()));
      break;
    }
    if (number == 1) {
      header = read_header(line);
      if (!header) break;
    } else if (!line.empty() && line != "\r") {
      read_row(number, line);
    }
  }
  if (number == 0) problems_.add("line 1: expected the names of the columns, got an empty file");
  if (problems_.empty()) check();
  if (!problems_.empty()) throw InputError(fmt::format("{} is no SpAtten workload", name), problems_.take());
  return spec();
}

}  // namespace

SyntheticSpec read_spatten_workload(const std::filesystem::path& file) { return Table(file).read(); }

}  // namespace capcam
