// The order of work of one core: its heads, their groups, and the keys that each must wait for.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "engines/fast/schedule/profile.h"
#include "workload/workload.h"

namespace capcam::fast {

// The duties of a group besides its searches, as far as the configuration makes them matter.
struct GroupDuties {
  bool new_keys = false;        // resident arrays are programmed again
  bool awaits_keys = false;     // enters only when its head's keys are loaded
  bool loads_on_entry = false;  // its entry requests the next head's keys
  bool loads_on_drain = false;  // its last query's drain requests the next head's keys
  bool awaits_output = false;   // decode: enters only when the query before it is complete
  static void describe(auto& v, auto& d) {
    v.number(d.new_keys, d.awaits_keys, d.loads_on_entry, d.loads_on_drain, d.awaits_output);
  }
};

// Appends flags to a number, a bit for each.
struct FlagBits {
  std::uint64_t bits = 0;
  void number(auto... flags) { ((bits = bits << 1 | std::uint64_t{flags}), ...); }
};

struct GroupPlan {
  ProfilePointer profile;
  GroupDuties duties;
};

// The machine treats groups of one kind alike.
struct GroupKind {
  std::uint64_t number;
  bool empty;  // no query of the group has a valid key
};

class Schedule {
 public:
  Schedule(const Workload& workload, const TimingRules& rules, ProfileTable& profiles, std::uint32_t core);

  std::uint64_t groups() const { return heads_.size() * groups_per_head_; }
  GroupPlan plan(std::uint64_t group);
  GroupKind kind(std::uint64_t group);
  bool has_work() const { return !heads_.empty(); }

  // Queries and groups are numbered through the core's heads.
  std::uint64_t queries() const { return heads_.size() * std::uint64_t{queries_per_head_}; }
  std::uint64_t first_query(std::uint64_t group) const {
    return group / groups_per_head_ * queries_per_head_ + group % groups_per_head_ * group_size_;
  }
  std::uint64_t first_of_next_head(std::uint64_t group) const {
    return (group / groups_per_head_ + 1) * groups_per_head_;
  }
  bool first_of_head(std::uint64_t group) const { return group % groups_per_head_ == 0; }
  std::uint32_t head_of_group(std::uint64_t group) const { return heads_[group / groups_per_head_]; }
  std::uint32_t head_of_query(std::uint64_t query) const { return heads_[query / queries_per_head_]; }
  std::uint32_t query_of_head(std::uint64_t query) const {
    return static_cast<std::uint32_t>(query % queries_per_head_);
  }

 private:
  bool keys_change(std::uint64_t head) const;  // compares with the core's head before this one
  const ProfilePointer& profile_of(std::uint64_t head, std::uint64_t place);
  GroupDuties duties_of(std::uint64_t head, std::uint64_t place) const;

  const Workload& workload_;
  const TimingRules& rules_;
  ProfileTable& profiles_;
  std::vector<std::uint32_t> heads_;
  std::uint32_t group_size_;
  std::uint32_t queries_per_head_;
  std::uint64_t groups_per_head_;
  std::uint64_t rule_head_ = ~std::uint64_t{0};
  ValidKeyRule rule_;  // rule of rule_head_
};

}  // namespace capcam::fast
