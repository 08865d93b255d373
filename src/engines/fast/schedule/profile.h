// The work that a group of queries asks of the arrays: which tiles are searched for which lane and how many candidates
// each gives. Groups that ask for the same work share one profile.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "engines/fast/schedule/timing_rules.h"
#include "kernels/valid_keys.h"

namespace capcam::fast {

struct GroupProfile {
  std::uint32_t id = 0;
  std::uint32_t lanes = 0;
  std::uint32_t first_tile = 0;
  std::uint32_t tiles = 0;               // tiles of the range; 0 if no query of the group has a valid key
  std::uint32_t keys = 0;                // keys that are in the arrays, from the first tile of the range on
  std::vector<std::uint32_t> tile_keys;  // keys of each tile of the range; empty if every tile but the last one is full
  bool gaps = false;                     // true if a tile of the range may be searched for no lane
  std::vector<std::uint32_t> candidates;     // [tile of the range][lane]; 0 where the lane is not searched
  std::vector<std::uint32_t> first_of_lane;  // tile of the range; `tiles` if the lane has no valid key
  std::vector<std::uint32_t> last_of_lane;

  std::uint32_t candidates_of(std::uint32_t tile, std::uint32_t lane) const {
    return candidates[std::size_t{tile} * lanes + lane];
  }
  // Returns the keys in a tile of the range if a full tile has so many rows.
  std::uint32_t keys_in(std::uint32_t tile, std::uint32_t rows) const {
    return tile_keys.empty() ? std::min(rows, keys - tile * rows) : tile_keys[tile];
  }
  bool searched(std::uint32_t tile) const {
    if (!gaps) return true;
    for (std::uint32_t lane = 0; lane < lanes; ++lane) {
      if (candidates_of(tile, lane) != 0) return true;
    }
    return false;
  }
  bool empty(std::uint32_t lane) const { return first_of_lane[lane] == tiles; }
  // Returns the lane's tile after this one, which must exist.
  std::uint32_t next_of_lane(std::uint32_t tile, std::uint32_t lane) const {
    do ++tile;
    while (candidates_of(tile, lane) == 0);
    return tile;
  }
};

using ProfilePointer = std::shared_ptr<const GroupProfile>;

// Makes each profile once. Two groups have the same profile only if the machine takes the same time for both, whatever
// came before. Ids are never used twice.
class ProfileTable {
 public:
  explicit ProfileTable(const TimingRules& rules) : rules_(rules) {}

  // The reference holds until the next call.
  const ProfilePointer& of(const ValidKeyRule& rule, std::uint32_t first_query, std::uint32_t lanes);
  // Counts how often the table was emptied to keep memory bounded.
  std::uint64_t generation() const { return generation_; }

 private:
  struct KeyHash {
    std::size_t operator()(const std::vector<std::uint64_t>& key) const;
  };
  std::uint64_t mask_id(const ValidKeyRule& rule);
  // Returns the keys that lie in the arrays: in decode those of this step and of the steps before.
  std::uint32_t keys_of_group(const ValidKeyRule& rule, std::uint32_t first_query) const;
  void describe_group(const ValidKeyRule& rule, std::uint32_t first_query, std::uint32_t lanes);
  ProfilePointer make(const ValidKeyRule& rule, std::uint32_t first_query, std::uint32_t lanes);
  // Returns the stored profile that asks for the same work, else this one, which is stored then.
  ProfilePointer store_work(ProfilePointer profile);
  // The part of a group's first tile that times depend on.
  std::uint64_t phase_of(std::uint32_t first_tile) const;

  const TimingRules& rules_;
  using Profiles = std::unordered_map<std::vector<std::uint64_t>, ProfilePointer, KeyHash>;
  Profiles profiles_;
  Profiles works_;  // by the work itself, if keys are interleaved
  std::map<std::vector<std::uint64_t>, std::uint64_t> mask_ids_;
  std::shared_ptr<const std::vector<std::uint64_t>> last_mask_;
  std::uint64_t last_mask_id_ = 0;
  std::vector<std::uint64_t> key_;  // key of the group that is being looked up
  std::vector<std::uint64_t> last_key_;
  ProfilePointer last_;
  bool last_uniform_ = false;
  std::uint32_t next_id_ = 0;
  std::size_t stored_ = 0;  // numbers that profiles hold
  std::uint64_t generation_ = 0;
};

}  // namespace capcam::fast
