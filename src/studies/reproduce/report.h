// Published figures beside the simulator's, as text, Markdown and CSV.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "studies/reproduce/comparison.h"

namespace capcam {

struct Reproduction {
  std::string name;   // "camformer"
  std::string title;  // title of its chapter
  std::vector<reproduce::ComparedTable> tables;
};

std::string reproduction_text(const std::vector<Reproduction>& all);
// Returns the page docs/reproduction.md.
std::string reproduction_markdown(const std::vector<Reproduction>& all);
// Writes one line per figure.
std::string reproduction_csv(const std::vector<Reproduction>& all);

}  // namespace capcam
