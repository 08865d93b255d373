// The tables of results.sqlite, as the steps that led to them: a file of an older capcam is brought up to date when it
// is opened for writing. docs/sweeps.md describes them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "studies/sweep/store/database.h"

namespace capcam {

inline constexpr int schema_version = 3;

// What one step does, 1 to schema_version.
const char* schema_step(int version);

// Makes or migrates the tables; refuses a file of a newer capcam or of another program.
void bring_up_to_date(Database& database, const std::filesystem::path& file);

// Refuses what is newer, of another program, or has something else in the place of a table: for readers, who change
// nothing.
void check_schema(Database& database, const std::filesystem::path& file);

}  // namespace capcam
