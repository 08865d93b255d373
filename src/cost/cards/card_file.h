// Functions that the readers of all kinds of cards share.
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

// Returns problems "key: text" as TomlReader writes them, with the file in front. Problems of a key that the reader has
// complained about already are left out.
std::vector<std::string> in_file(const std::filesystem::path& file, const TomlReader& reader,
                                 const std::vector<std::string>& problems);

// Runs one reader and adds its problems to the others.
void collect(std::vector<std::string>& problems, const auto& read) {
  try {
    read();
  } catch (const InputError& error) {
    if (error.problems().empty()) problems.emplace_back(error.what());
    problems.insert(problems.end(), error.problems().begin(), error.problems().end());
  }
}

}  // namespace capcam
