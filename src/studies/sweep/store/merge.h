// Shards of one sweep into one folder.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace capcam {

struct MergeCounts {
  std::uint64_t points = 0;  // of the sweep
  std::uint64_t done = 0;    // in `out` afterwards
  std::uint64_t failed = 0;
  std::uint64_t added = 0;  // by this merge
};

// Joins what `folders` hold into `out`, which may be new or hold results already: all of it, or nothing if something is
// wrong. Throws InputError if folders are of different sweeps or have different results for one point. Doing it twice
// changes nothing.
MergeCounts merge_sweeps(const std::filesystem::path& out, const std::vector<std::filesystem::path>& folders);

}  // namespace capcam
