// Checks relations between keys, in plain text.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "capcam/config.h"

namespace capcam {

// A relation that does not hold. `text` is a sentence with the numbers and a remedy.
struct RelationProblem {
  std::vector<std::string> keys;  // dotted keys, as users write them; the one to blame stands first
  std::string text;               // "top_n.n (32) is more than top_n.register_entries (16): ..."
};

// Returns the relations that do not hold. `own_models` is a folder of the user's cards, laid out like models/.
std::vector<RelationProblem> relation_problems(const Config& config,
                                               const std::optional<std::filesystem::path>& own_models = {});

}  // namespace capcam
