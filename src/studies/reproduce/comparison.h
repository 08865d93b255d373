// Published figures beside this simulator's, figure by figure.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "studies/reproduce/published.h"

namespace capcam::reproduce {

// What the simulator says. `with_habit`: with the counting habit of the published model switched on. `honest`: under
// the convention the table states.
struct OurFigure {
  std::string id;
  std::optional<double> value, with_habit, honest;
  std::optional<double> low{}, high{};  // of value, where its cards disagree
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

// True if `value` prints as the figure does: at most half of its last digit away, and what its inputs' rounding adds.
bool prints_as(double value, const PublishedFigure& figure);

// Reads models/published/<name>.toml. Throws InputError for a figure that is not reproduced to its digits and does not
// say why.
std::vector<ComparedTable> compare(std::string_view name, const std::vector<OurTable>& ours);

}  // namespace capcam::reproduce
