// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>

#include "capcam/error.h"
#include "capcam/report.h"

namespace capcam {
namespace {

std::string accuracy_cells(const HeadAccuracy& head) {
  if (!head.exact || !head.ideal) return "0,,,,,,";
  std::string cells = fmt::format("{}", head.measured_queries);
  for (const double figure : {head.exact->selection_recall, head.exact->cosine, head.exact->relative_l2,
                              head.ideal->selection_recall, head.ideal->cosine, head.ideal->relative_l2})
    cells += std::isfinite(figure) ? fmt::format(",{}", figure) : ",";
  return cells;
}

}  // namespace

std::string heads_csv(const Report& report) {
  const TraceShape& shape = report.trace.shape;
  const std::vector<HeadStats>& heads = report.stats.heads;
  if (heads.size() != report.trace.layers.size() * shape.batch * shape.heads) {
    throw LawBroken(fmt::format("heads_csv: {} heads of {} layers x {} sequences x {} heads", heads.size(),
                                report.trace.layers.size(), shape.batch, shape.heads));
  }
  std::string text =
      "layer,batch,head,kv_head,core,first_cycle,last_cycle,empty_queries,measured_queries,exact_selection_recall,"
      "exact_cosine,exact_relative_l2,ideal_selection_recall,ideal_cosine,ideal_relative_l2\n";
  std::size_t index = 0;  // heads come in the order layer, batch, head
  for (const std::uint32_t layer : report.trace.layers) {
    for (std::uint64_t batch = 0; batch < shape.batch; ++batch) {
      for (std::uint64_t head = 0; head < shape.heads; ++head) {
        const HeadStats& one = heads[index];
        text += fmt::format("{},{},{},{},{},{},{},{},{}\n", layer, batch, head, head / (shape.heads / shape.kv_heads),
                            one.core, one.first_cycle, one.last_cycle, one.empty_queries,
                            accuracy_cells(report.accuracy.heads[index]));
        ++index;
      }
    }
  }
  return text;
}

std::string scores_csv(const Report& report) {
  std::string text = "layer,matches,valid_keys,kept_keys,mean_error,mean_absolute_error,least_error,largest_error\n";
  const double unit = 1.0 / report.accuracy.scores_per_match;
  for (std::size_t layer = 0; layer < report.accuracy.scores.size(); ++layer) {
    std::size_t matches = 0;
    for (const ScoreHistogram::Bin& bin : report.accuracy.scores[layer].bins) {
      text += fmt::format("{},{},{},{}", report.trace.layers[layer], matches++, bin.valid, bin.kept);
      const auto kept = static_cast<double>(bin.kept);
      text += bin.kept == 0 ? ",,,,\n"
                            : fmt::format(",{},{},{},{}\n", unit * static_cast<double>(bin.error_sum) / kept,
                                          unit * static_cast<double>(bin.absolute_error_sum) / kept,
                                          unit * static_cast<double>(bin.least_error),
                                          unit * static_cast<double>(bin.largest_error));
    }
  }
  return text;
}

}  // namespace capcam
