// An objective of a sweep: a figure of the report and which direction is better.
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

// Parses "figure:min" or "figure:max". Throws InputError that says which objective is wrong and why.
std::vector<Objective> read_objectives(const std::vector<std::string>& texts);

std::vector<Objective> default_objectives();

}  // namespace capcam
