// The order of work of one core: its heads, their groups, and which keys must come when.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "engines/fast/profile.h"
#include "workload/workload.h"

namespace capcam::fast {

// What a group does besides being searched, as far as the configuration makes it matter.
struct GroupDuties {
  bool new_keys = false;        // resident arrays are programmed anew
  bool awaits_keys = false;     // enters only when its head's keys are loaded
  bool loads_on_entry = false;  // its entry requests the next head's keys
  bool loads_on_drain = false;  // its last query's drain requests the next head's keys
  bool awaits_output = false;   // decode: enters only when the query before it is complete
  std::uint32_t bits() const {
    return unsigned{new_keys} | unsigned{awaits_keys} << 1 | unsigned{loads_on_entry} << 2 |
           unsigned{loads_on_drain} << 3 | unsigned{awaits_output} << 4;
  }
  static GroupDuties of(std::uint32_t bits) {
    return {(bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0, (bits & 8) != 0, (bits & 16) != 0};
  }
};

struct GroupPlan {
  ProfilePointer profile;
  GroupDuties duties;
  // Groups of one kind are the same to the machine.
  std::uint64_t kind() const { return std::uint64_t{profile->id} << 5 | duties.bits(); }
};

class Schedule {
 public:
  Schedule(const Workload& workload, const Machine& machine, ProfileTable& profiles, std::uint32_t core);

  std::uint64_t groups() const { return heads_.size() * groups_per_head_; }
  GroupPlan plan(std::uint64_t group);
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
  bool keys_change(std::uint64_t head) const;  // from the core's head before this one

  const Workload& workload_;
  const Machine& machine_;
  ProfileTable& profiles_;
  std::vector<std::uint32_t> heads_;
  std::uint32_t group_size_;
  std::uint32_t queries_per_head_;
  std::uint64_t groups_per_head_;
  std::uint64_t rule_head_ = ~std::uint64_t{0};
  ValidKeyRule rule_;  // of rule_head_
};

}  // namespace capcam::fast
