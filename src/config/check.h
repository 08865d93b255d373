// Checks relations between keys, in plain text.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "capcam/config.h"

namespace capcam {

// A relation that does not hold: its keys, and a sentence with the numbers and a remedy.
struct RelationProblem {
  std::vector<std::string> keys;  // dotted, as users write them, the one to blame first
  std::string text;               // "top_n.n (32) is more than top_n.register_entries (16): ..."
};

// `own_models` is a folder of the user's cards, laid out like models/; it may be empty.
std::vector<RelationProblem> relation_problems(const Config& config, const std::filesystem::path& own_models = {});

}  // namespace capcam
