// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/store/schema.h"

#include <fmt/format.h>

#include <string_view>

#include "capcam/error.h"

namespace capcam {
namespace {

constexpr std::int64_t application_id = 0x63617063;  // "capc"

constexpr const char* steps[schema_version] = {
    // Step 1 makes a sweep and the results of its points.
    R"(
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE results (
  key TEXT PRIMARY KEY,
  status TEXT NOT NULL CHECK (status IN ('done', 'failed')),
  engine TEXT NOT NULL,
  report TEXT NOT NULL,
  error TEXT,
  verified TEXT,
  seconds REAL NOT NULL,
  finished_at TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE points (position INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, pareto INTEGER);
)",
    // Step 2 makes views for scripts.
    R"(
CREATE VIEW summary AS
  SELECT position, points.key AS key, coalesce(status, 'missing') AS status, pareto,
         json_extract(report, '$.trace.path') AS trace_path,
         json_extract(report, '$.cycles.total') AS cycles_total,
         json_extract(report, '$.throughput.queries_per_ms') AS queries_per_ms,
         json_extract(report, '$.energy_pj.per_head_query') AS energy_pj_per_head_query,
         json_extract(report, '$.area_um2.total') AS area_um2_total,
         json_extract(report, '$.power_mw.total') AS power_mw_total,
         json_extract(report, '$.accuracy.exact.cosine') AS accuracy_exact_cosine,
         json_extract(report, '$.accuracy.ideal.selection_recall') AS accuracy_ideal_selection_recall,
         error
  FROM points LEFT JOIN results ON results.key = points.key ORDER BY position;
CREATE VIEW figures AS
  SELECT position, points.key AS key, substr(tree.fullkey, 3) AS figure, tree.atom AS value
  FROM points JOIN results ON results.key = points.key, json_tree(results.report) AS tree
  WHERE tree.type NOT IN ('object', 'array') AND status = 'done';
)",
    // Step 3 gives their columns types, and figures the names that exports give them.
    R"(
DROP VIEW summary;
DROP VIEW figures;
CREATE VIEW summary AS
  SELECT position, points.key AS key, CAST(coalesce(status, 'missing') AS TEXT) AS status, pareto,
         CAST(json_extract(report, '$.trace.path') AS TEXT) AS trace_path,
         CAST(json_extract(report, '$.cycles.total') AS INTEGER) AS cycles_total,
         CAST(json_extract(report, '$.throughput.queries_per_ms') AS REAL) AS queries_per_ms,
         CAST(json_extract(report, '$.energy_pj.per_head_query') AS REAL) AS energy_pj_per_head_query,
         CAST(json_extract(report, '$.area_um2.total') AS REAL) AS area_um2_total,
         CAST(json_extract(report, '$.power_mw.total') AS REAL) AS power_mw_total,
         CAST(json_extract(report, '$.accuracy.exact.cosine') AS REAL) AS accuracy_exact_cosine,
         CAST(json_extract(report, '$.accuracy.ideal.selection_recall') AS REAL) AS accuracy_ideal_selection_recall,
         error
  FROM points LEFT JOIN results ON results.key = points.key ORDER BY position;
CREATE VIEW figures AS
  SELECT position, points.key AS key, CAST(replace(substr(tree.fullkey, 3), '"', '') AS TEXT) AS figure,
         CAST(CASE WHEN tree.type IN ('integer', 'real', 'true', 'false') THEN tree.atom END AS REAL) AS value,
         CAST(CASE WHEN tree.type IN ('integer', 'true', 'false') THEN tree.atom END AS INTEGER) AS whole,
         CAST(CASE WHEN tree.type = 'text' THEN tree.atom END AS TEXT) AS text
  FROM points JOIN results ON results.key = points.key, json_tree(results.report) AS tree
  WHERE tree.type NOT IN ('object', 'array') AND status = 'done';
)"};

// Returns the statement that made a table, as SQLite keeps it.
std::string_view table_statement(std::string_view table) {
  const std::string_view step = steps[0];
  const std::size_t begin = step.find(fmt::format("CREATE TABLE {} ", table));
  return step.substr(begin, step.find(";\n", begin) - begin);
}

}  // namespace

const char* schema_step(int version) { return steps[version - 1]; }

void bring_up_to_date(Database& database, const std::filesystem::path& file) {
  const std::int64_t version = database.integer("PRAGMA user_version");
  if (version == 0 && database.integer("SELECT count(*) FROM sqlite_schema") > 0)
    throw InputError(fmt::format("{}: a database of another program", file.string()));
  if (version != 0) {
    check_schema(database, file);
    check_nothing_else(database, file);
  }
  if (version == schema_version) return;
  Transaction transaction(database);
  for (int step = static_cast<int>(version) + 1; step <= schema_version; ++step) database.execute(schema_step(step));
  database.execute(fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", application_id, schema_version));
  transaction.commit();
}

void check_schema(Database& database, const std::filesystem::path& file) {
  const std::int64_t version = database.integer("PRAGMA user_version");
  if (database.integer("PRAGMA application_id") != application_id)
    throw InputError(fmt::format("{}: no results of a sweep", file.string()));
  if (version > schema_version)
    throw InputError(fmt::format("{}: written by a newer capcam (schema {}, this one knows {})", file.string(), version,
                                 schema_version));
  if (version < 1) throw InputError(fmt::format("{}: no results of a sweep", file.string()));
  for (const char* table : {"meta", "results", "points"}) {
    Statement found(database, "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?");
    if (!found.bind(1, std::string_view(table)).step())
      throw InputError(fmt::format("{}: damaged: it has no table {}", file.string(), table));
    if (found.text(0) != table_statement(table))
      throw InputError(fmt::format("{}: damaged: its table {} is not the one that capcam makes", file.string(), table));
  }
}

void check_nothing_else(Database& database, const std::filesystem::path& file) {
  constexpr std::int64_t tables = 3;
  if (database.integer("SELECT count(*) FROM sqlite_schema WHERE sql IS NOT NULL AND sql NOT LIKE 'CREATE VIEW %'") ==
      tables)
    return;
  throw InputError(fmt::format(
      "{}: has tables, indexes or triggers of others, whose expressions would be run: drop them", file.string()));
}

}  // namespace capcam
