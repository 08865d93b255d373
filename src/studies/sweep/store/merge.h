// Merges shards of one sweep into one folder.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace capcam {

struct MergeCounts {
  std::uint64_t points = 0;  // points of the sweep
  std::uint64_t done = 0;    // points done in `out` afterwards
  std::uint64_t failed = 0;
  std::uint64_t added = 0;  // points added by this merge
};

// Adds all results in `folders` to `out`, which may be new or hold results already; on an error it adds nothing. Throws
// InputError if folders are of different sweeps or have different results for one point. A second merge changes
// nothing.
MergeCounts merge_sweeps(const std::filesystem::path& out, const std::vector<std::filesystem::path>& folders);

}  // namespace capcam
