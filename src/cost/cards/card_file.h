// What the readers of all kinds of cards share.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "capcam/error.h"
#include "config/toml_reader.h"
#include "cost/cards/card.h"

namespace capcam {

// A number without a source is refused.
void check_provenance(const Provenance& provenance, std::vector<std::string>& problems);

// Problems "key: text" as lines of TomlReader: the file in front. A reader's own message for the same key has been
// given already.
std::vector<std::string> in_file(const std::filesystem::path& file, const TomlReader& reader,
                                 const std::vector<std::string>& problems);

// Runs one reader; its problems join the others.
void collect(std::vector<std::string>& problems, const auto& read) {
  try {
    read();
  } catch (const InputError& error) {
    if (error.problems().empty()) problems.emplace_back(error.what());
    problems.insert(problems.end(), error.problems().begin(), error.problems().end());
  }
}

}  // namespace capcam
