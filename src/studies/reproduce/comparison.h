// Published figures beside this simulator's, figure by figure.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "capcam/figure.h"
#include "studies/reproduce/published.h"

namespace capcam::reproduce {

// The simulator's figure. `with_habit` is the value with the counting habit of the published model, `honest` the value
// under the convention that the table states.
struct OurFigure {
  std::string id;
  std::optional<double> value, with_habit, honest;
  std::optional<Figure> interval{};  // value with its interval, where its cards disagree
};

struct OurTable {
  std::string id;
  std::vector<OurFigure> figures;
};

enum class Verdict { same, same_with_habit, differs, not_reproduced };
std::string_view verdict_name(Verdict verdict);

struct Row {
  PublishedFigure published;
  OurFigure ours;
  Verdict verdict = Verdict::not_reproduced;
};

struct ComparedTable {
  std::string id, title, source, rests_on, honest;
  std::vector<Row> rows;
};

// Returns true if `value` prints as the figure does: it may be off by half the last digit and its inputs' rounding.
bool prints_as(double value, const PublishedFigure& figure);

// Compares with models/published/<name>.toml. Throws InputError for a figure that is not reproduced to its digits and
// does not say why.
std::vector<ComparedTable> compare(std::string_view name, const std::vector<OurTable>& ours);

}  // namespace capcam::reproduce
