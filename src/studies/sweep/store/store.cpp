// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/store/store.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <system_error>

#include "capcam/error.h"
#include "studies/sweep/store/schema.h"

namespace capcam {
namespace {

constexpr std::string_view file_name = "results.sqlite";

StoredResult result_of(const Statement& row, int first) {
  StoredResult result;
  result.key = row.text(first);
  result.done = row.text(first + 1) == "done";
  result.engine = row.text(first + 2);
  result.report = row.text(first + 3);
  result.error = row.text(first + 4);
  result.verified = row.text(first + 5);
  result.seconds = row.real(first + 6);
  return result;
}

}  // namespace

std::filesystem::path ResultStore::made(const std::filesystem::path& folder, Access access) {
  std::error_code failed;
  if (access == Access::read) {
    const std::filesystem::file_status status = std::filesystem::symlink_status(folder / file_name, failed);
    if (failed && failed != std::errc::no_such_file_or_directory && failed != std::errc::not_a_directory)
      throw InputError(fmt::format("{} cannot be read: {}", (folder / file_name).string(), failed.message()));
    if (!std::filesystem::exists(status))
      throw InputError(fmt::format("{} holds no results of a sweep ({} is not there)", folder.string(), file_name));
    return folder;
  }
  std::filesystem::create_directories(folder, failed);
  if (failed) throw InputError(fmt::format("cannot make the folder {}: {}", folder.string(), failed.message()));
  return folder;
}

ResultStore::ResultStore(const std::filesystem::path& folder, Access access)
    : folder_(made(folder, access)),
      lock_(access == Access::write ? std::optional<FolderLock>(std::in_place, folder) : std::nullopt),
      database_(folder / file_name, access == Access::write ? Database::Access::write : Database::Access::read) {
  if (access == Access::read) {
    check_schema(database_, folder / file_name);
    database_.execute("BEGIN");
    return;
  }
  // A transaction is in the log when it is committed, but the log is flushed to disk only now and then, so that a power
  // cut may cost the last moments but never the file.
  database_.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
  bring_up_to_date(database_, folder / file_name);
}

std::optional<std::string> ResultStore::text(std::string_view name) {
  Statement statement(database_, "SELECT value FROM meta WHERE name = ?");
  return statement.bind(1, name).step() ? std::optional(statement.text(0)) : std::nullopt;
}

void ResultStore::set_text(std::string_view name, std::string_view text) {
  if (this->text(name) == text) return;
  Statement(database_, "INSERT OR REPLACE INTO meta VALUES (?, ?)").bind(1, name).bind(2, text).run();
}

std::vector<std::string> ResultStore::points() {
  std::vector<std::string> keys;
  Statement statement(database_, "SELECT key FROM points ORDER BY position");
  while (statement.step()) keys.push_back(statement.text(0));
  return keys;
}

void ResultStore::set_points(const std::vector<std::string>& keys) {
  if (points() == keys) return;
  Transaction transaction(database_);
  database_.execute("DELETE FROM points");
  insert_points(keys);
  transaction.commit();
}

void ResultStore::insert_points(const std::vector<std::string>& keys) {
  Statement insert(database_, "INSERT INTO points (position, key) VALUES (?, ?)");
  std::int64_t position = 0;
  for (const std::string& key : keys) insert.bind(1, ++position).bind(2, key).run();
}

std::unordered_map<std::string, bool> ResultStore::results() {
  std::unordered_map<std::string, bool> results;
  Statement statement(database_, "SELECT key, status = 'done' FROM results");
  while (statement.step()) results.emplace(statement.text(0), statement.integer(1) != 0);
  return results;
}

std::unordered_map<std::string, std::string> ResultStore::verdicts() {
  std::unordered_map<std::string, std::string> verdicts;
  Statement statement(database_, "SELECT key, verified FROM results WHERE verified IS NOT NULL");
  while (statement.step()) verdicts.emplace(statement.text(0), statement.text(1));
  return verdicts;
}

std::optional<StoredResult> ResultStore::result(const std::string& key) {
  Statement statement(database_,
                      "SELECT key, status, engine, report, error, verified, seconds FROM results WHERE key = ?");
  return statement.bind(1, key).step() ? std::optional(result_of(statement, 0)) : std::nullopt;
}

void ResultStore::put(const StoredResult& result) {
  Statement statement(database_, "INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  statement.bind(1, result.key).bind(2, std::string_view(result.done ? "done" : "failed"));
  statement.bind(3, result.engine).bind(4, result.report);
  if (result.done) {
    statement.bind_null(5);
  } else {
    statement.bind(5, result.error);
  }
  if (result.verified.empty()) {
    statement.bind_null(6);
  } else {
    statement.bind(6, result.verified);
  }
  statement.bind(7, result.seconds);
  statement.bind(8, fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr))));
  statement.run();
}

void ResultStore::set_verdict(const std::string& key, const std::string& verdict) {
  Statement(database_, "UPDATE results SET verified = ? WHERE key = ?").bind(1, verdict).bind(2, key).run();
}

void ResultStore::set_front(const std::vector<bool>& on_front) {
  Transaction transaction(database_);
  Statement update(database_, "UPDATE points SET pareto = ? WHERE position = ?");
  std::int64_t position = 0;
  for (const bool on : on_front) update.bind(1, std::int64_t{on}).bind(2, ++position).run();
  transaction.commit();
}

void ResultStore::for_each(const std::function<void(const StoredPoint&)>& visit) {
  Statement rows(database_,
                 "SELECT points.key, pareto, results.key, status, engine, report, error, verified, seconds "
                 "FROM points LEFT JOIN results ON results.key = points.key ORDER BY position");
  while (rows.step()) {
    StoredPoint point{rows.text(0), rows.integer(1) != 0, std::nullopt};
    if (!rows.is_null(2)) point.result = result_of(rows, 2);
    visit(point);
  }
}

void ResultStore::check_sound() {
  check_nothing_else(database_, folder_ / file_name);
  Statement check(database_, "PRAGMA integrity_check(1)");
  const std::string verdict = check.step() ? check.text(0) : "nothing";
  if (verdict != "ok")
    throw InputError(fmt::format("{}: the file is damaged (SQLite: {})", (folder_ / file_name).string(), verdict));
}

}  // namespace capcam
