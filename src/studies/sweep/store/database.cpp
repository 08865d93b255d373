// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/store/database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <system_error>

#include "capcam/error.h"

namespace capcam {
namespace {

constexpr int patience_ms = 10'000;  // a reader or a copy may hold the file for a moment

std::string meaning(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL:
      return "the disk is full; what was finished is kept: make room and run the same command again";
    case SQLITE_IOERR:
      return "the file cannot be written or read (a full disk, a quota, a limit on file sizes?); what was finished is "
             "kept: run the same command again";
    case SQLITE_READONLY:
      return "the file or its folder may not be written";
    case SQLITE_CANTOPEN:
      return "the file cannot be opened or made";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "another program holds the file";
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return "the file is damaged, or no results of a sweep";
    default:
      return "the file cannot be used";
  }
}

// Writes a path as part of a URI.
std::string escaped(const std::string& path) {
  std::string text;
  for (const char c : path) {
    if (c == '?' || c == '#' || c == '%') {
      text += fmt::format("%{:02x}", static_cast<unsigned char>(c));
    } else {
      text += c;
    }
  }
  return text;
}

}  // namespace

Database::Database(const std::filesystem::path& file, Access access) : file_(file) {
  const bool writes = access == Access::write;
  const int flags = (writes ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_URI |
                    SQLITE_OPEN_FULLMUTEX;
  // In a read-only folder, a reader cannot share the file; but a file with no log beside it does not change.
  std::error_code failed;
  const bool still = !writes && !std::filesystem::exists(file.string() + "-wal", failed);
  const std::string uri = "file:" + escaped(std::filesystem::absolute(file).string()) + (still ? "?immutable=1" : "");
  if (sqlite3_open_v2(uri.c_str(), &handle_, flags, nullptr) != SQLITE_OK) {
    const std::string text = fmt::format("{}: {} (SQLite: {})", file_.string(),
                                         meaning(sqlite3_extended_errcode(handle_)), sqlite3_errmsg(handle_));
    sqlite3_close(handle_);
    throw InputError(text);
  }
  sqlite3_busy_timeout(handle_, patience_ms);
}

Database::~Database() { sqlite3_close(handle_); }

void Database::fail() const {
  throw InputError(fmt::format("{}: {} (SQLite: {})", file_.string(), meaning(sqlite3_extended_errcode(handle_)),
                               sqlite3_errmsg(handle_)));
}

void Database::execute(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail();
}

std::int64_t Database::integer(std::string_view sql) {
  Statement statement(*this, sql);
  return statement.step() ? statement.integer(0) : 0;
}

Statement::Statement(Database& database, std::string_view sql) : database_(database) {
  if (sqlite3_prepare_v2(database.handle_, sql.data(), static_cast<int>(sql.size()), &statement_, nullptr) != SQLITE_OK)
    database.fail();
}

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::bind(int parameter, std::string_view text) {
  if (sqlite3_bind_text64(statement_, parameter, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8) != SQLITE_OK)
    database_.fail();
  return *this;
}

Statement& Statement::bind(int parameter, std::int64_t number) {
  if (sqlite3_bind_int64(statement_, parameter, number) != SQLITE_OK) database_.fail();
  return *this;
}

Statement& Statement::bind(int parameter, double number) {
  if (sqlite3_bind_double(statement_, parameter, number) != SQLITE_OK) database_.fail();
  return *this;
}

Statement& Statement::bind_null(int parameter) {
  if (sqlite3_bind_null(statement_, parameter) != SQLITE_OK) database_.fail();
  return *this;
}

bool Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  sqlite3_reset(statement_);  // the connection keeps the error
  database_.fail();
}

void Statement::run() {
  while (step()) {
  }
  sqlite3_reset(statement_);
}

std::string Statement::text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  return bytes == nullptr ? std::string()
                          : std::string(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_, column); }

double Statement::real(int column) const { return sqlite3_column_double(statement_, column); }

bool Statement::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

Transaction::Transaction(Database& database) : database_(database) { database_.execute("BEGIN IMMEDIATE"); }

Transaction::~Transaction() {
  if (!open_) return;
  try {
    database_.execute("ROLLBACK");
  } catch (const InputError&) {  // SQLite has rolled back already, as on a full disk
  }
}

void Transaction::commit() {
  database_.execute("COMMIT");
  open_ = false;
}

}  // namespace capcam
