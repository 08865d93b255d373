// Runs a sweep from its file to its results, as `capcam sweep` does.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "studies/sweep/store/point_key.h"
#include "studies/sweep/table/objective.h"

namespace capcam {

struct SweepRequest {
  std::filesystem::path file;
  std::filesystem::path out;
  unsigned jobs = 0;  // 0 means one per processor
  std::optional<Shard> shard;
  bool shard_is_fixed = false;  // true in a job array, where a shard other than before is a mistake
  double verify_share = 0.0;
  std::vector<Objective> objectives;       // replace the file's unless empty
  bool force = false;                      // keeps objectives that no key moves
  std::string engine;                      // fast or systemc, replaces the file's unless empty
  std::string program = "/proc/self/exe";  // runs single points on the systemc engine
};

struct SweepCounts {
  std::uint64_t points = 0;    // points of the sweep
  std::uint64_t excluded = 0;  // combinations that `where` excludes
  std::uint64_t repeated = 0;  // combinations equal to another
  std::uint64_t mine = 0;      // points of this shard
  std::uint64_t before = 0;    // points of this shard that were done before
  std::uint64_t done = 0;      // points done now
  std::uint64_t failed = 0;    // points tried now without success
  std::uint64_t verified = 0;  // points done on both engines, now or before
  std::uint64_t differing = 0;
  std::string first_error, first_difference;
};

// Hears of a sweep while it runs, and may stop it. All calls but stop_requested come from the calling thread.
class SweepListener {
 public:
  virtual ~SweepListener() = default;
  virtual void planned(const SweepCounts& counts) = 0;
  // `what` is "points" or "verified points".
  virtual void progress(const char* what, std::uint64_t ended, std::uint64_t of, std::uint64_t failed) = 0;
  virtual bool stop_requested() const = 0;
};

// Throws InputError (a bad sweep file, a folder that cannot be written) or Interrupted; finished points are kept.
SweepCounts run_sweep(const SweepRequest& request, SweepListener& listener);

}  // namespace capcam
