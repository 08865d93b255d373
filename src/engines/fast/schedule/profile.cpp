// SPDX-License-Identifier: Apache-2.0
#include "engines/fast/schedule/profile.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace capcam::fast {
namespace {

constexpr std::size_t stored_limit = std::size_t{1} << 24;  // 64 MiB of candidate counts

}  // namespace

std::size_t ProfileTable::KeyHash::operator()(const std::vector<std::uint64_t>& key) const {
  std::uint64_t hash = 0x9e3779b97f4a7c15u;
  for (const std::uint64_t number : key) hash = (hash ^ number) * 0xff51afd7ed558ccdu, hash ^= hash >> 32;
  return hash;
}

std::uint64_t ProfileTable::mask_id(const ValidKeyRule& rule) {
  if (rule.mask == nullptr) return 0;
  if (rule.mask != last_mask_) {
    last_mask_ = rule.mask;
    last_mask_id_ = mask_ids_.emplace(*rule.mask, mask_ids_.size() + 1).first->second;
  }
  return last_mask_id_;
}

std::uint32_t ProfileTable::keys_of_group(const ValidKeyRule& rule, std::uint32_t first_query) const {
  return rules_.mapping.decode == Decode::off ? rules_.mapping.keys : rule.there(first_query);
}

// The tile's own number matters where a resident tile may be programmed already, where a conversion takes the time of
// its tile's codes, and where a log says where keys lie.
std::uint64_t ProfileTable::phase_of(std::uint32_t first_tile) const {
  const bool numbered = rules_.mapping.resident || rules_.conversions.depend_on_codes() || rules_.logs_keys;
  return numbered ? first_tile : std::uint64_t{first_tile} * rules_.segments % rules_.arrays;
}

// Writes into key_ what a group's times depend on. Without a mask a lane is a run of tiles, full but for its ends, and
// only the array on which its first tile lies matters, not the tile's number. With a mask, or if keys are interleaved,
// the valid ranges themselves are taken.
void ProfileTable::describe_group(const ValidKeyRule& rule, std::uint32_t first_query, std::uint32_t lanes) {
  const Mapping& map = rules_.mapping;
  key_.clear();
  const std::uint64_t mask = mask_id(rule);
  key_.push_back(mask);
  key_.push_back(lanes);
  if (mask != 0 || !map.placement().consecutive()) {
    for (std::uint32_t lane = 0; lane < lanes; ++lane) {
      const ValidKeys valid = rule(first_query + lane);
      key_.push_back(valid.begin());
      key_.push_back(valid.end());
    }
    return;
  }
  std::uint32_t first = std::numeric_limits<std::uint32_t>::max();
  for (std::uint32_t lane = 0; lane < lanes; ++lane) {
    const ValidKeys valid = rule(first_query + lane);
    if (valid.begin() == valid.end()) {
      key_.insert(key_.end(), 4, 0);
      continue;
    }
    const std::uint32_t begin = valid.begin() / map.rows;
    const std::uint32_t last = (valid.end() - 1) / map.rows;
    first = std::min(first, begin);
    const std::uint32_t k = rules_.tile_candidates;
    key_.push_back(begin);
    key_.push_back(last + 1);
    key_.push_back(std::min(k, std::min(valid.end(), (begin + 1) * map.rows) - valid.begin()));
    key_.push_back(std::min(k, valid.end() - std::max(valid.begin(), last * map.rows)));
    // A decoder's last tile fills up from step to step.
    if (map.decode != Decode::off)
      key_.back() |= std::uint64_t{keys_of_group(rule, first_query) - last * map.rows} << 32;
  }
  if (first == std::numeric_limits<std::uint32_t>::max()) return;
  bool short_tile = false;  // a last tile that is not full matters
  for (std::size_t i = 2; i < key_.size(); i += 4) {
    if (key_[i + 1] == 0) continue;
    short_tile = short_tile || (key_[i + 1] == map.tiles && map.keys % map.rows != 0);
    key_[i] -= first;
    key_[i + 1] -= first;
  }
  key_.push_back(phase_of(first));
  key_.push_back(short_tile);
}

ProfilePointer ProfileTable::make(const ValidKeyRule& rule, std::uint32_t first_query, std::uint32_t lanes) {
  const Mapping& map = rules_.mapping;
  auto profile = std::make_shared<GroupProfile>();
  profile->id = next_id_++;
  profile->lanes = lanes;
  std::uint32_t begin = map.keys;
  std::uint32_t end = 0;
  for (std::uint32_t lane = 0; lane < lanes; ++lane) {
    const ValidKeys valid = rule(first_query + lane);
    if (valid.begin() == valid.end()) continue;
    begin = std::min(begin, valid.begin());
    end = std::max(end, valid.end());
  }
  const Placement placement = map.placement();
  if (begin < end) {
    profile->first_tile = placement.first_tile(begin);
    profile->tiles = placement.end_tile(end) - profile->first_tile;
  }
  const std::uint32_t there = keys_of_group(rule, first_query);
  if (placement.consecutive()) {
    profile->keys = there - profile->first_tile * map.rows;
  } else {
    for (std::uint32_t tile = 0; tile < profile->tiles; ++tile)
      profile->tile_keys.push_back(placement.tile(profile->first_tile + tile, there).count);
  }
  profile->candidates.resize(std::size_t{profile->tiles} * lanes);
  profile->first_of_lane.assign(lanes, profile->tiles);
  profile->last_of_lane.assign(lanes, 0);
  std::vector<bool> searched(profile->tiles);
  for (std::uint32_t lane = 0; lane < lanes; ++lane) {
    const ValidKeys valid = rule(first_query + lane);
    for (std::uint32_t tile = 0; tile < profile->tiles; ++tile) {
      const std::uint32_t count = valid.count(map.keys_of(profile->first_tile + tile));
      if (count == 0) continue;
      profile->candidates[std::size_t{tile} * lanes + lane] = std::min(rules_.tile_candidates, count);
      if (profile->empty(lane)) profile->first_of_lane[lane] = tile;
      profile->last_of_lane[lane] = tile;
      searched[tile] = true;
    }
  }
  if (std::find(searched.begin(), searched.end(), true) == searched.end()) {  // the mask lets no key through
    profile->tiles = 0;
    profile->candidates.clear();
    profile->tile_keys.clear();
    profile->first_of_lane.assign(lanes, 0);
  }
  profile->gaps = std::find(searched.begin(), searched.end(), false) != searched.end();
  return profile;
}

ProfilePointer ProfileTable::store_work(ProfilePointer profile) {
  std::vector<std::uint64_t> work{profile->lanes, phase_of(profile->first_tile)};
  work.insert(work.end(), profile->tile_keys.begin(), profile->tile_keys.end());
  work.insert(work.end(), profile->candidates.begin(), profile->candidates.end());
  const std::size_t size = work.size() * 2;
  const auto [stored, added] = works_.emplace(std::move(work), std::move(profile));
  if (added) stored_ += size;
  return stored->second;
}

const ProfilePointer& ProfileTable::of(const ValidKeyRule& rule, std::uint32_t first_query, std::uint32_t lanes) {
  // Where all keys are valid for all queries, groups of one size are alike.
  const bool uniform = rule.mask == nullptr && !rule.causal && !rule.window && rules_.mapping.decode == Decode::off;
  if (uniform && last_uniform_ && last_->lanes == lanes) return last_;
  last_uniform_ = uniform;
  describe_group(rule, first_query, lanes);
  if (last_ != nullptr && key_ == last_key_) return last_;
  const auto found = profiles_.find(key_);
  last_key_ = key_;
  if (found != profiles_.end()) return last_ = found->second;
  last_ = make(rule, first_query, lanes);
  if (!rules_.mapping.placement().consecutive()) last_ = store_work(std::move(last_));
  stored_ += last_->candidates.size() + key_.size() * 2 + 32;
  if (stored_ > stored_limit) {
    profiles_.clear();
    works_.clear();
    stored_ = last_->candidates.size();
    ++generation_;
  }
  profiles_.emplace(key_, last_);
  return last_;
}

}  // namespace capcam::fast
