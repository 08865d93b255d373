// The results of a sweep in FOLDER/results.sqlite. Killed at any moment, the file holds every finished point whole.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "studies/sweep/store/database.h"
#include "studies/sweep/store/folder_lock.h"

namespace capcam {

struct StoredResult {
  std::string key;
  bool done = true;  // false if the point failed
  std::string engine;
  std::string report;    // JSON; for a failed point only config, trace, engine, seed, version
  std::string error;     // message of a failed point
  std::string verified;  // "same", the difference, or empty if not verified
  double seconds = 0.0;
};

// One of the sweep's points; it has no result before it was simulated.
struct StoredPoint {
  std::string key;
  bool on_front = false;  // marked at the end of a run
  std::optional<StoredResult> result;
};

class ResultStore {
 public:
  enum class Access { write, read };
  // A writer makes folder and file and keeps every other writer out. A reader sees one moment, whatever a sweep does
  // meanwhile. Throws InputError.
  ResultStore(const std::filesystem::path& folder, Access access);

  // Keeps texts by name: the sweep file, its objectives, the shard.
  std::optional<std::string> text(std::string_view name);
  void set_text(std::string_view name, std::string_view text);

  // Returns the points of the sweep in order. Results of points that are no longer among them are kept but not shown.
  std::vector<std::string> points();
  void set_points(const std::vector<std::string>& keys);
  void insert_points(const std::vector<std::string>& keys);  // needs an empty list and the caller's transaction

  // Returns, by key, true for a point that is done and false for one that failed.
  std::unordered_map<std::string, bool> results();
  // Returns what --verify found, by key.
  std::unordered_map<std::string, std::string> verdicts();

  std::optional<StoredResult> result(const std::string& key);

  // Each is one transaction. When it returns, every other process sees the change.
  void put(const StoredResult& result);
  void set_verdict(const std::string& key, const std::string& verdict);

  void set_front(const std::vector<bool>& on_front);

  void for_each(const std::function<void(const StoredPoint&)>& visit);

  void check_still() const { database_.check_still(); }
  // Throws InputError if the file is damaged. Reads all of it.
  void check_sound();

  Database& database() { return database_; }
  const std::filesystem::path& folder() const { return folder_; }

 private:
  static std::filesystem::path made(const std::filesystem::path& folder, Access access);
  std::filesystem::path folder_;
  std::optional<FolderLock> lock_;
  Database database_;
};

}  // namespace capcam
