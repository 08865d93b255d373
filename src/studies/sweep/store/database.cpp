// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/store/database.h"

#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <system_error>
#include <utility>

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

namespace {

FileStamp stamp_of(const std::filesystem::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) return {};
  std::error_code failed;
  return {status.st_ino, static_cast<std::uint64_t>(status.st_size), status.st_mtim.tv_sec, status.st_mtim.tv_nsec,
          std::filesystem::exists(file.string() + "-wal", failed)};
}

// Checks that the file has one name alone, or is not there yet, so that what is written here is written nowhere else.
void check_plain_file(const std::filesystem::path& file) {
  struct stat status {};
  if (::lstat(file.c_str(), &status) != 0) return;
  if (S_ISLNK(status.st_mode)) throw InputError(fmt::format("{}: a symbolic link: it is not followed", file.string()));
  if (!S_ISREG(status.st_mode)) throw InputError(fmt::format("{}: expected a regular file", file.string()));
  if (status.st_nlink > 1)
    throw InputError(
        fmt::format("{}: has another name too (a hard link), which would be written as well: copy it", file.string()));
}

}  // namespace

Database::Database(const std::filesystem::path& file, Access access) : file_(file) {
  std::error_code failed;
  real_ = std::filesystem::weakly_canonical(std::filesystem::absolute(file.parent_path(), failed), failed) /
          file.filename();
  if (access == Access::write) {
    check_plain_file(real_);
    open(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, false);
    return;
  }
  // Opens as a writer would, though nothing is written, because locks and a log beside a sweep at work need it. Where
  // the folder may not be written, a file with no log beside it is read without them.
  open(SQLITE_OPEN_READWRITE, false);
  if (can_be_read()) return;
  close();
  const FileStamp stamp = stamp_of(real_);
  if (!stamp.has_log) still_ = stamp;
  open(SQLITE_OPEN_READONLY, !stamp.has_log);
}

Database::~Database() { close(); }

void Database::open(int flags, bool still) {
  const std::string uri = "file:" + escaped(real_.string()) + (still ? "?immutable=1" : "");
  const int all = flags | SQLITE_OPEN_URI | SQLITE_OPEN_FULLMUTEX | SQLITE_OPEN_NOFOLLOW;
  if (sqlite3_open_v2(uri.c_str(), &handle_, all, nullptr) != SQLITE_OK) cannot_open();
  sqlite3_busy_timeout(handle_, patience_ms);
  trust_nothing((flags & SQLITE_OPEN_CREATE) != 0);
}

void Database::close() {
  sqlite3_close(handle_);
  handle_ = nullptr;
}

void Database::cannot_open() {
  const std::string text = (sqlite3_extended_errcode(handle_) == SQLITE_CANTOPEN_SYMLINK)
                               ? fmt::format("{}: a symbolic link: it is not followed", file_.string())
                               : fmt::format("{}: {} (SQLite: {})", file_.string(),
                                             meaning(sqlite3_extended_errcode(handle_)), sqlite3_errmsg(handle_));
  close();
  throw InputError(text);
}

void Database::trust_nothing(bool writes) {
  constexpr int longest_value = 64 << 20;
  sqlite3_limit(handle_, SQLITE_LIMIT_LENGTH, longest_value);
  // The views that a writer makes use JSON, which some versions of SQLite do not call harmless.
  for (const auto& [setting, on] : {std::pair{SQLITE_DBCONFIG_DEFENSIVE, 1},
                                    {SQLITE_DBCONFIG_TRUSTED_SCHEMA, writes ? 1 : 0},
                                    {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0}})
    sqlite3_db_config(handle_, setting, on, nullptr);
}

bool Database::can_be_read() {
  const int code =
      sqlite3_exec(handle_, "PRAGMA query_only = ON; SELECT count(*) FROM sqlite_schema", nullptr, nullptr, nullptr);
  const int kind = code & 0xff;
  return kind != SQLITE_CANTOPEN && kind != SQLITE_READONLY && kind != SQLITE_IOERR && kind != SQLITE_PERM;
}

void Database::check_still() const {
  if (!still_ || stamp_of(real_) == *still_) return;
  throw InputError(fmt::format(
      "{}: a sweep changed it while it was read, and its folder may not be written, so it cannot be locked: try again",
      file_.string()));
}

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
