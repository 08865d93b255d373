// SPDX-License-Identifier: Apache-2.0
#include "studies/reproduce/comparison.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "capcam/error.h"
#include "core/resources.h"

namespace capcam::reproduce {
namespace {

Verdict judge(const PublishedFigure& published, const OurFigure& ours) {
  if (!ours.value) return Verdict::not_reproduced;
  if (prints_as(*ours.value, published)) return Verdict::same;
  return ours.with_habit && prints_as(*ours.with_habit, published) ? Verdict::same_with_habit : Verdict::differs;
}

}  // namespace

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::same:
      return "same";
    case Verdict::same_with_habit:
      return "same with the habit";
    case Verdict::differs:
      return "differs";
    case Verdict::not_reproduced:
      return "not reproduced";
  }
  throw LawBroken("verdict_name: unknown verdict");
}

bool prints_as(double value, const PublishedFigure& figure) {
  constexpr double slack = 1e-9;  // a decimal figure is not exact in binary
  const double unit = std::pow(10.0, -double{1} * figure.decimals);
  return std::abs(value - figure.value) <= unit / 2 + figure.input_rounding + slack * std::abs(figure.value);
}

std::vector<ComparedTable> compare(std::string_view name, const std::vector<OurTable>& ours) {
  std::vector<Wanted> wanted;
  for (const OurTable& table : ours) {
    wanted.push_back({table.id, {}});
    for (const OurFigure& figure : table.figures) wanted.back().figures.push_back(figure.id);
  }
  const auto file = find_resource(fmt::format("models/published/{}.toml", name));
  std::vector<PublishedTable> published = read_published(file, wanted);
  std::vector<std::string> problems;
  std::vector<ComparedTable> compared;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    PublishedTable& table = published[i];
    ComparedTable& result =
        compared.emplace_back(ComparedTable{table.id, table.title, table.source, table.rests_on, table.honest, {}});
    for (const OurFigure& figure : ours[i].figures) {
      PublishedFigure& of = table.figures.by_id.at(figure.id);
      if (of.basis == Basis::of_table) of.basis = table.basis;
      const Verdict verdict = judge(of, figure);
      if ((verdict == Verdict::differs || verdict == Verdict::not_reproduced) && of.why.empty())
        problems.push_back(fmt::format("{}: {}.figures.{}: published {}, here {}: say why", file.string(), table.id,
                                       figure.id, of.value,
                                       figure.value ? fmt::format("{}", *figure.value) : std::string("nothing")));
      result.rows.push_back({std::move(of), figure, verdict});
    }
  }
  if (!problems.empty()) throw InputError("published figures without a reason", std::move(problems));
  return compared;
}

}  // namespace capcam::reproduce
