// SPDX-License-Identifier: Apache-2.0
#include "fast/drops.h"

#include <algorithm>

#include "kernels/selection.h"

namespace capcam::fast {
namespace {

struct Held {
  Candidate candidate;
  std::uint32_t burst = 0;
};

// Keeps the n best in the register; the others are dropped by this merge.
void merge_register(std::vector<Held>& held, std::uint32_t n, std::uint32_t merge, std::vector<Drop>& drops) {
  if (held.size() <= n) return;
  std::nth_element(held.begin(), held.begin() + n, held.end(),
                   [](const Held& a, const Held& b) { return better(a.candidate, b.candidate); });
  std::sort(held.begin() + n, held.end(), [](const Held& a, const Held& b) { return a.burst < b.burst; });
  for (std::size_t i = n; i != held.size(); ++i) {
    if (i == n || drops.back().burst != held[i].burst) drops.push_back({merge, held[i].burst, 0});
    ++drops.back().rows;
  }
  held.resize(n);
}

}  // namespace

DropFinder::DropFinder(const Workload& workload, const Config& config, const Machine& machine)
    : workload_(workload), machine_(machine), tile_k_(config.top_n.tile_k), tile_scores_(config, machine.mapping) {
  if (!RandomReadout::needed(config.sensing)) return;
  for (std::uint32_t core = 0; core < machine.cores; ++core) random_.emplace_back(config, machine.mapping, core);
}

const Head& DropFinder::head(std::uint32_t index) {
  for (Loaded& loaded : loaded_) {
    if (loaded.index != index) continue;
    loaded.used = ++uses_;
    return *loaded.head;
  }
  // A core may be in two heads at once.
  if (loaded_.size() >= 2 * std::size_t{machine_.cores}) {
    std::erase_if(loaded_,
                  [oldest = std::min_element(loaded_.begin(), loaded_.end(), [](const Loaded& a, const Loaded& b) {
                              return a.used < b.used;
                            })->used](const Loaded& loaded) { return loaded.used == oldest; });
  }
  loaded_.push_back({index, ++uses_, workload_.head(index)});
  return *loaded_.back().head;
}

std::vector<Drop> DropFinder::operator()(std::uint32_t head_index, std::uint32_t query) {
  const Head& data = head(head_index);
  const Mapping& map = machine_.mapping;
  const ValidKeys valid = data.valid(query);
  std::vector<Drop> drops;
  std::vector<Held> held;
  std::vector<Candidate> candidates;
  std::uint32_t burst = 0;
  std::uint32_t merge = 0;
  for (std::uint32_t tile = 0; tile < map.tiles; ++tile) {
    const std::uint32_t first = map.first_key(tile);
    const std::uint32_t keys = map.keys_in(tile);
    if (!valid.any(first, first + keys)) continue;
    // No room for this tile's: the register was merged after the last one.
    if (machine_.register_full(static_cast<std::uint32_t>(held.size()))) {
      merge_register(held, machine_.n, merge++, drops);
    }
    const RandomArrays* random = random_.empty() ? nullptr : &random_[head_index % machine_.cores];
    candidates.clear();
    best_of_tile(tile_scores_(data, query, tile, random, scratch_), first, valid, tile_k_, candidates);
    for (const Candidate& candidate : candidates) held.push_back({candidate, burst});
    ++burst;
  }
  merge_register(held, machine_.n, merge, drops);
  return drops;
}

}  // namespace capcam::fast
