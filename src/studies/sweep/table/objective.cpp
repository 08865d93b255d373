// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/table/objective.h"

#include <fmt/format.h>

#include <optional>

#include "capcam/error.h"
#include "core/nearest.h"
#include "report/figures.h"

namespace capcam {
namespace {

std::string problem_of(const std::string& text, const std::string& figure) {
  if (figure.size() + 4 != text.size()) return fmt::format("expected FIGURE:min or FIGURE:max, got '{}'", text);
  const std::vector<std::string> known = known_figures();
  if (is_figure(figure)) return "";
  const std::optional<std::string> meant = nearest(figure, known);
  return fmt::format("a report has no figure '{}'{}", figure, meant ? ", did you mean " + *meant + "?" : "");
}

}  // namespace

std::vector<Objective> read_objectives(const std::vector<std::string>& texts) {
  constexpr std::size_t most = 32;
  if (texts.size() > most)
    throw InputError("objectives", {fmt::format("expected at most {} objectives, got {}", most, texts.size())});
  std::vector<Objective> objectives;
  std::vector<std::string> problems;
  for (const std::string& text : texts) {
    const bool smaller = text.ends_with(":min");
    const std::string figure = smaller || text.ends_with(":max") ? text.substr(0, text.size() - 4) : text;
    if (const std::string problem = problem_of(text, figure); !problem.empty()) problems.push_back(problem);
    objectives.push_back({figure, smaller});
  }
  if (!problems.empty()) throw InputError("objectives", problems);
  return objectives;
}

std::vector<Objective> default_objectives() {
  return read_objectives(
      {"energy_pj.per_head_query:min", "throughput.queries_per_ms:max", "accuracy.exact.cosine:max"});
}

}  // namespace capcam
