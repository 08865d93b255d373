// What a sweep is after: a figure of the report and which way is better.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace capcam {

struct Objective {
  std::string figure;  // "energy_pj.per_head_query"
  bool smaller_is_better = true;

  std::string text() const { return figure + (smaller_is_better ? ":min" : ":max"); }
};

// "figure:min" or "figure:max"; throws InputError that says what is wrong with which.
std::vector<Objective> read_objectives(const std::vector<std::string>& texts);

std::vector<Objective> default_objectives();

}  // namespace capcam
