// SPDX-License-Identifier: Apache-2.0
#include "studies/selection/report.h"

#include <fmt/format.h>

#include <utility>

#include "report/table.h"

namespace capcam {
namespace {

std::string percent(double share) { return fmt::format("{:.2f}", 100.0 * share); }

std::vector<TextTable::Column> columns_after(std::vector<TextTable::Column> columns) {
  for (const char* title :
       {"estimate %", "shuffled %", "by key %", "by score %", "weight %", "full precision %", "neighbours"})
    columns.push_back({title, Align::right});
  return columns;
}

std::vector<std::string> cells_after(std::vector<std::string> cells, const SelectionFigures& f) {
  for (const double share : {f.estimate, f.shuffled, f.by_key, f.by_score, f.weight, f.full_precision})
    cells.push_back(percent(share));
  cells.push_back(fmt::format("{:.2f}", f.neighbours));
  return cells;
}

TextTable points_table(const SelectionStudy& study) {
  TextTable table(columns_after(
      {{"rows", Align::right}, {"interleave", Align::right}, {"tile_k", Align::right}, {"n", Align::right}}));
  for (std::size_t i = 0; i < study.points.size(); ++i) {
    const SelectionPoint& point = study.points[i];
    if (i > 0 && point.rows != study.points[i - 1].rows) table.rule();
    std::vector<std::string> cells;
    for (const std::uint32_t number : {point.rows, point.interleave, point.tile_k, point.n})
      cells.push_back(fmt::format("{}", number));
    table.row(cells_after(std::move(cells), study.figures[i]));
  }
  return table;
}

TextTable layers_table(const SelectionStudy& study) {
  TextTable table(columns_after({{"layer", Align::right}}));
  for (std::size_t i = 0; i < study.layers.size(); ++i)
    table.row(cells_after({fmt::format("{}", study.layers[i])}, study.by_layer[i]));
  return table;
}

std::string design_text(const Config& config) {
  return fmt::format("{} rows, interleave = {}, tile_k = {}, n = {}", config.array.rows, config.array.interleave,
                     config.top_n.tile_k, config.top_n.n);
}

constexpr const char* legend =
    "estimate: top keys scattered uniformly over tiles. shuffled: measured, each query's scores dealt to its keys at\n"
    "random. by key: measured, the keys of the one-stage selection. by score: measured, keys of equal score standing "
    "in\n"
    "for each other. weight: softmax weight kept. full precision: by key, with scores that do not tie. neighbours: "
    "pairs\n"
    "of neighbouring keys among the n best in full precision, over those of scattered keys.\n";

}  // namespace

std::string selection_table(const SelectionStudy& study, const Config& config) {
  const std::uint64_t queries = study.figures.empty() ? 0 : study.figures.front().queries;
  return fmt::format("Two-stage against one-stage selection, {} head-queries\n\n", queries) +
         points_table(study).text() + fmt::format("\nBy layer, {}\n\n", design_text(config)) +
         layers_table(study).text() + "\n" + legend;
}

std::string selection_markdown(const SelectionStudy& study, const Config& config) {
  return points_table(study).markdown() + fmt::format("\nBy layer, {}:\n\n", design_text(config)) +
         layers_table(study).markdown();
}

std::string selection_csv(const SelectionStudy& study) {
  std::string text =
      "rows,interleave,tile_k,n,head_queries,estimate,shuffled,by_key,by_score,weight,full_precision,neighbours\n";
  for (std::size_t i = 0; i < study.points.size(); ++i) {
    const SelectionPoint& p = study.points[i];
    const SelectionFigures& f = study.figures[i];
    text += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{}\n", p.rows, p.interleave, p.tile_k, p.n, f.queries,
                        f.estimate, f.shuffled, f.by_key, f.by_score, f.weight, f.full_precision, f.neighbours);
  }
  return text;
}

}  // namespace capcam
