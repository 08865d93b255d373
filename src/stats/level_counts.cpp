// SPDX-License-Identifier: Apache-2.0
#include "stats/level_counts.h"

#include <cstring>

namespace capcam {
namespace {

constexpr std::size_t byte_levels = 256;

}  // namespace

LevelCounts::LevelCounts(std::uint32_t most) : levels_(std::size_t{most} + 1), counts_(tables * levels_) {
  if (levels_ <= byte_levels) pairs_.resize(levels_ * byte_levels);
}

void LevelCounts::add(std::span<const std::uint8_t> levels) {
  std::uint32_t* pairs = pairs_.data();
  std::size_t i = 0;
  for (; i + 8 <= levels.size(); i += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, levels.data() + i, sizeof eight);
    ++pairs[eight & 0xffff];
    ++pairs[(eight >> 16) & 0xffff];
    ++pairs[(eight >> 32) & 0xffff];
    ++pairs[eight >> 48];
  }
  add_one_by_one(levels.subspan(i));
}

template <class Level>
void LevelCounts::add_one_by_one(std::span<const Level> levels) {
  std::uint32_t* counts = counts_.data();
  std::size_t i = 0;
  for (; i + tables <= levels.size(); i += tables) {
    for (std::size_t table = 0; table < tables; ++table) ++counts[table * levels_ + levels[i + table]];
  }
  for (; i < levels.size(); ++i) ++counts[levels[i]];
}
template void LevelCounts::add_one_by_one(std::span<const std::uint16_t>);
template void LevelCounts::add_one_by_one(std::span<const std::uint32_t>);

void LevelCounts::sum_pairs() {
  for (std::size_t first = 0; first < pairs_.size() / byte_levels; ++first) {
    for (std::size_t second = 0; second < levels_; ++second) {
      const std::uint32_t count = std::exchange(pairs_[first * byte_levels + second], 0);
      counts_[first] += count;
      counts_[levels_ + second] += count;
    }
  }
}

}  // namespace capcam
