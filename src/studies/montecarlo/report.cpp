// SPDX-License-Identifier: Apache-2.0
#include "studies/montecarlo/report.h"

#include <fmt/format.h>

#include <algorithm>

#include "kernels/circuit_figures.h"
#include "report/circuit_text.h"
#include "report/table.h"

namespace capcam {
namespace {

using montecarlo::Condition;
using montecarlo::Figures;
using montecarlo::Histogram;

std::string_view corner_name(Corner corner) {
  for (const Choice<Corner>& choice : corners) {
    if (choice.value == corner) return choice.name;
  }
  return "";
}

std::vector<std::string> cells_of(std::string name, const Figures& f) {
  return {std::move(name),
          fmt::format("{:+.3f}", f.mean_lsb),
          fmt::format("{:.3f}", f.deviation_lsb),
          fmt::format("{:.3f}", f.mean_absolute_lsb),
          fmt::format("{:.3f}", f.percent_of_full_scale),
          fmt::format("{:.2f}", f.largest_lsb),
          fmt::format("{:.2f}", 100.0 * f.wrong_codes),
          fmt::format("{:.2f}", f.effective_bits)};
}

std::vector<TextTable::Column> columns_titled(const std::string& first) {
  return {{first},
          {"mean", Align::right},
          {"deviation", Align::right},
          {"mean |error|", Align::right},
          {"% of full scale", Align::right},
          {"largest", Align::right},
          {"wrong codes %", Align::right},
          {"effective bits", Align::right}};
}

std::string histogram_text(const Histogram& histogram) {
  constexpr std::size_t widest = 50, per_line = 2;  // quarters of an LSB
  std::vector<std::uint64_t> lines;
  for (std::size_t i = 0; i < histogram.counts.size(); i += per_line)
    lines.push_back(histogram.counts[i] + histogram.counts[i + 1]);
  const std::uint64_t most = *std::max_element(lines.begin(), lines.end());
  std::size_t first = 0, last = lines.size();
  while (first + 1 < last && lines[first] == 0) ++first;
  while (last > first + 1 && lines[last - 1] == 0) --last;
  std::string text = "\nErrors in LSB\n";
  for (std::size_t i = first; i < last; ++i) {
    const double from = static_cast<double>(i * per_line) / Histogram::bins_per_lsb - Histogram::lsb_range;
    const std::size_t length = most == 0 ? 0 : (lines[i] * widest + most - 1) / most;
    const char* mark = i == 0 ? "<" : i + 1 == lines.size() ? ">" : " ";  // the outermost lines hold the rest
    text += fmt::format(" {}{:6.2f}  {:<50} {}\n", mark, from, std::string(length, '#'), lines[i]);
  }
  return text;
}

}  // namespace

std::string condition_name(const Condition& condition) {
  return fmt::format("{} {:g} degC {:+g} %", corner_name(condition.corner), condition.temperature_c,
                     100.0 * condition.supply_error);
}

std::string montecarlo_table(const montecarlo::Request& request, const montecarlo::Outcome& outcome,
                             const std::vector<montecarlo::Without>& without,
                             const std::vector<AccuracyFigures>& on_trace) {
  TextTable conditions(columns_titled("corner, temperature, supply"));
  for (std::size_t i = 0; i < request.conditions.size(); ++i)
    conditions.row(cells_of(condition_name(request.conditions[i]), outcome.by_condition[i]));
  conditions.rule();
  conditions.row(cells_of("all", outcome.figures));
  std::string text = fmt::format(
      "Sensing error in LSB of {} bits: {} arrays x {} rows x {} searches a condition, every match count as often\n\n",
      request.config.sensing.bits, request.instances, request.config.array.rows, request.searches);
  if (const auto circuit = circuit_figures(montecarlo::at(request.config, request.conditions.front())))
    text += fmt::format("At {}: {}\n", condition_name(request.conditions.front()), circuit_text(*circuit));
  text += conditions.text() + histogram_text(outcome.histogram);
  if (!without.empty()) {
    TextTable table(columns_titled("with one error switched off"));
    for (const montecarlo::Without& one : without) table.row(cells_of(std::string(one.contributor), one.figures));
    text += "\nWhat dominates: the first line's absence leaves the least error\n\n" + table.text();
  } else {
    text += "\nEvery error is switched off.\n";
  }
  if (!on_trace.empty()) {
    TextTable table({{"on the trace, against ideal sensing"},
                     {"recall %", Align::right},
                     {"cosine", Align::right},
                     {"relative L2", Align::right},
                     {"worst head", Align::right}});
    for (std::size_t i = 0; i < on_trace.size(); ++i)
      table.row({condition_name(request.conditions[i]), fmt::format("{:.2f}", 100.0 * on_trace[i].selection_recall),
                 fmt::format("{:.4f}", on_trace[i].cosine), fmt::format("{:.4f}", on_trace[i].relative_l2),
                 fmt::format("{:.4f}", on_trace[i].worst_head_cosine)});
    text += "\n" + table.text();
  }
  return text;
}

std::string montecarlo_csv(const montecarlo::Request& request, const montecarlo::Outcome& outcome,
                           const std::vector<AccuracyFigures>& on_trace) {
  std::string text =
      "corner,temperature_c,supply_error,rows,mean_lsb,deviation_lsb,mean_absolute_lsb,percent_of_full_scale,"
      "largest_lsb,wrong_codes,effective_bits";
  text += on_trace.empty() ? "\n" : ",selection_recall,cosine,relative_l2,worst_head_cosine\n";
  for (std::size_t i = 0; i < request.conditions.size(); ++i) {
    const Condition& c = request.conditions[i];
    const Figures& f = outcome.by_condition[i];
    text += fmt::format("{},{},{},{},{},{},{},{},{},{},{}", corner_name(c.corner), c.temperature_c, c.supply_error,
                        f.rows, f.mean_lsb, f.deviation_lsb, f.mean_absolute_lsb, f.percent_of_full_scale,
                        f.largest_lsb, f.wrong_codes, f.effective_bits);
    if (!on_trace.empty())
      text += fmt::format(",{},{},{},{}", on_trace[i].selection_recall, on_trace[i].cosine, on_trace[i].relative_l2,
                          on_trace[i].worst_head_cosine);
    text += "\n";
  }
  return text;
}

}  // namespace capcam
