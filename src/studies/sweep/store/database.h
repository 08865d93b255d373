// SQLite with exceptions. A failure (a full disk, a folder that may not be written, a damaged file) is an InputError
// whose message says what it means.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace capcam {

class Database;

// Tells what a file was when it was opened.
struct FileStamp {
  std::uint64_t number = 0, bytes = 0;
  std::int64_t seconds = 0, nanoseconds = 0;
  bool has_log = false;  // the -wal beside it
  bool operator==(const FileStamp&) const = default;
};

// One prepared statement. Parameters count from 1, columns from 0.
class Statement {
 public:
  Statement(Database& database, std::string_view sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& bind(int parameter, std::string_view text);
  Statement& bind(int parameter, std::int64_t number);
  Statement& bind(int parameter, double number);
  Statement& bind_null(int parameter);

  bool step();  // returns true if there is a row
  void run();   // runs to the end; the statement can be bound and run again

  std::string text(int column) const;
  std::int64_t integer(int column) const;
  double real(int column) const;
  bool is_null(int column) const;

 private:
  Database& database_;
  sqlite3_stmt* statement_ = nullptr;
};

class Database {
 public:
  enum class Access { write, read };
  // A file that comes from elsewhere is data: its triggers are never run, for readers no function of its schema either,
  // links are not followed, and no value is longer than 64 MiB.
  Database(const std::filesystem::path& file, Access access);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void execute(const std::string& sql);
  std::int64_t integer(std::string_view sql);
  // Is for readers, after the last read. In a folder that may not be written there can be no lock: throws InputError if
  // the file has changed since it was opened.
  void check_still() const;
  [[noreturn]] void fail() const;  // throws SQLite's message about the last call

 private:
  friend class Statement;
  void open(int flags, bool still);
  void close();
  void trust_nothing(bool writes);
  bool can_be_read();
  [[noreturn]] void cannot_open();

  std::filesystem::path file_;  // the path as given
  std::filesystem::path real_;  // the path with the links of its folder followed
  sqlite3* handle_ = nullptr;
  std::optional<FileStamp> still_;  // stamp of a file that is read without a lock
};

// A transaction that is rolled back unless it was committed.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace capcam
