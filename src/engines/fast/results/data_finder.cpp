// SPDX-License-Identifier: Apache-2.0
#include "engines/fast/results/data_finder.h"

#include <algorithm>

#include "kernels/selection.h"

namespace capcam::fast {
namespace {

struct Held {
  Candidate candidate;
  std::uint32_t burst = 0;
};

// Keeps the n best in the register; this merge drops the others.
void merge_register(std::vector<Held>& held, std::uint32_t n, std::uint32_t merge, QueryData& result) {
  std::vector<Drop>& drops = result.drops;
  if (held.size() <= n) return;
  std::nth_element(held.begin(), held.begin() + n, held.end(),
                   [](const Held& a, const Held& b) { return better(a.candidate, b.candidate); });
  std::sort(held.begin() + n, held.end(), [](const Held& a, const Held& b) { return a.burst < b.burst; });
  for (std::size_t i = n; i != held.size(); ++i) {
    if (i == n || drops.back().burst != held[i].burst) {
      drops.push_back({merge, held[i].burst, 0});
      result.keys.dropped.emplace_back();
    }
    ++drops.back().rows;
    result.keys.dropped.back().push_back(held[i].candidate.key);
  }
  held.resize(n);
}

}  // namespace

DataFinder::DataFinder(const Workload& workload, const Config& config, const TimingRules& rules, bool wants_keys)
    : workload_(workload),
      rules_(rules),
      wants_keys_(wants_keys),
      rule_(config.top_n),
      tile_scores_(config, rules.mapping) {
  if (!RandomReadout::needed(config)) return;
  for (std::uint32_t core = 0; core < rules.cores; ++core) random_.emplace_back(config, rules.mapping, core);
}

const Head& DataFinder::head(std::uint32_t index) {
  for (Loaded& loaded : loaded_) {
    if (loaded.index != index) continue;
    loaded.used = ++uses_;
    return *loaded.head;
  }
  // A core may work on two heads at once.
  if (loaded_.size() >= 2 * std::size_t{rules_.cores}) {
    std::erase_if(loaded_,
                  [oldest = std::min_element(loaded_.begin(), loaded_.end(), [](const Loaded& a, const Loaded& b) {
                              return a.used < b.used;
                            })->used](const Loaded& loaded) { return loaded.used == oldest; });
  }
  loaded_.push_back({index, ++uses_, workload_.head(index)});
  return *loaded_.back().head;
}

// Converts the tile whose codes are in scratch_.
void DataFinder::convert(std::uint32_t tile, const ValidKeys& valid, std::vector<Conversion>& conversions) const {
  const std::uint32_t segments = rules_.segments;
  const TileKeys keys = rules_.mapping.keys_of(tile);
  for (std::uint32_t segment = 0; segment < segments; ++segment) {
    const std::span<const std::uint32_t> codes(scratch_.codes.data() + std::size_t{segment} * keys.count, keys.count);
    conversions[std::size_t{tile} * segments + segment] = rules_.conversions.of_codes(codes, keys, valid);
  }
}

QueryData DataFinder::operator()(std::uint32_t head_index, std::uint32_t query) {
  const Head& data = head(head_index);
  const Mapping& map = rules_.mapping;
  const ValidKeys valid = data.valid(query);
  QueryData result;
  if (rules_.conversions.depend_on_codes()) result.conversions.resize(std::size_t{map.tiles} * rules_.segments);
  std::vector<Held> held;
  std::vector<Candidate> candidates;
  std::uint32_t burst = 0;
  std::uint32_t merge = 0;
  for (std::uint32_t tile = 0; tile < map.tiles; ++tile) {
    const TileKeys keys = map.keys_of(tile);
    if (!valid.any(keys)) continue;
    // There is no room for this tile's candidates: the register was merged after the last one.
    if (rules_.register_full(static_cast<std::uint32_t>(held.size()))) {
      merge_register(held, rules_.n, merge++, result);
    }
    const RandomArrays* random = random_.empty() ? nullptr : &random_[head_index % rules_.cores];
    candidates.clear();
    const std::span<const std::int32_t> scores = tile_scores_(data, query, tile, random, scratch_);
    if (rules_.conversions.depend_on_codes()) convert(tile, valid, result.conversions);
    if (!rules_.prefetch_tiles && !(wants_keys_ && rules_.prefetch)) continue;
    rule_(scores, keys, valid, candidates);
    for (const Candidate& candidate : candidates) held.push_back({candidate, burst});
    if (wants_keys_) {
      std::vector<std::uint32_t>& kept = result.keys.bursts.emplace_back();
      for (const Candidate& candidate : candidates) kept.push_back(candidate.key);
    }
    ++burst;
  }
  merge_register(held, rules_.n, merge, result);
  if (wants_keys_ && !rules_.prefetch_tiles) {  // the kept rows are a single burst
    result.keys.bursts.assign(1, {});
    for (const Held& kept : held) result.keys.bursts.front().push_back(kept.candidate.key);
  }
  return result;
}

}  // namespace capcam::fast
