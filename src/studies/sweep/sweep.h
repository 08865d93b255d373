// A sweep from its file to its results: `capcam sweep`.
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
  unsigned jobs = 0;  // 0: as many as there are processors
  std::optional<Shard> shard;
  bool shard_is_fixed = false;  // by the place this runs in (a job array): another one than before is a mistake
  double verify_share = 0.0;
  std::vector<Objective> objectives;       // instead of the file's
  std::string engine;                      // fast or systemc, instead of the file's; empty: the file's
  std::string program = "/proc/self/exe";  // runs single points on the systemc engine
};

struct SweepCounts {
  std::uint64_t points = 0;    // of the sweep
  std::uint64_t excluded = 0;  // by `where`
  std::uint64_t repeated = 0;  // the same as another
  std::uint64_t mine = 0;      // of this shard
  std::uint64_t before = 0;    // of those, done before
  std::uint64_t done = 0;      // done now
  std::uint64_t failed = 0;    // tried now without success
  std::uint64_t verified = 0;  // done on both engines, now or before
  std::uint64_t differing = 0;
  std::string first_error, first_difference;
};

// What the caller hears and says while it runs; from the calling thread, but for stop_requested.
class SweepListener {
 public:
  virtual ~SweepListener() = default;
  virtual void planned(const SweepCounts& counts) = 0;
  // `what`: "points" or "verified points".
  virtual void progress(const char* what, std::uint64_t ended, std::uint64_t of, std::uint64_t failed) = 0;
  virtual bool stop_requested() const = 0;
};

// Throws InputError (a bad sweep file; a folder that cannot be written), Interrupted. What was finished is kept.
SweepCounts run_sweep(const SweepRequest& request, SweepListener& listener);

}  // namespace capcam
