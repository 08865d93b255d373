// Counts how often each level occurs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace capcam {

// Counts levels from 0 to `most`. Fewer than 2^32 may be added before they are taken.
class LevelCounts {
 public:
  explicit LevelCounts(std::uint32_t most);
  void add(std::span<const std::uint8_t> levels);  // most < 256
  void add(std::span<const std::uint16_t> levels) { add_one_by_one(levels); }
  void add(std::span<const std::uint32_t> levels) { add_one_by_one(levels); }
  // Calls use(level, count) for every level; all counts are 0 afterwards.
  template <class Use>
  void take(const Use& use) {
    sum_pairs();
    for (std::size_t level = 0; level < levels_; ++level) {
      std::uint64_t count = 0;
      for (std::size_t table = 0; table < tables; ++table) count += std::exchange(counts_[table * levels_ + level], 0);
      use(level, count);
    }
  }

 private:
  static constexpr std::size_t tables = 4;  // so that no addition waits for the one before
  template <class Level>
  void add_one_by_one(std::span<const Level> levels);
  void sum_pairs();

  std::size_t levels_;
  std::vector<std::uint32_t> counts_;  // [tables, levels]
  std::vector<std::uint32_t> pairs_;   // [levels, 256], counts of two neighbours at once
};

}  // namespace capcam
