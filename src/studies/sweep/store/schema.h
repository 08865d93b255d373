// The tables of results.sqlite, as the steps that led to them. The file of an older capcam is brought up to date when
// it is opened for writing. docs/sweeps.md describes the tables.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "studies/sweep/store/database.h"

namespace capcam {

inline constexpr int schema_version = 3;

// Returns the SQL of one step, 1 to schema_version.
const char* schema_step(int version);

// Makes or migrates the tables. Throws InputError for a file of a newer capcam or of another program.
void bring_up_to_date(Database& database, const std::filesystem::path& file);

// Throws InputError for tables that are newer, of another program, or have something else in the place of a table (a
// view, or columns that are expressions, which can run for ever); it is for readers, which change nothing.
void check_schema(Database& database, const std::filesystem::path& file);

// Throws InputError for tables, indexes and triggers beside those that capcam makes: SQLite runs their expressions when
// something is written and when the file is checked.
void check_nothing_else(Database& database, const std::filesystem::path& file);

}  // namespace capcam
