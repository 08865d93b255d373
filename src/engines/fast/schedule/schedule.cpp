// SPDX-License-Identifier: Apache-2.0
#include "engines/fast/schedule/schedule.h"

#include <algorithm>

namespace capcam::fast {

Schedule::Schedule(const Workload& workload, const TimingRules& rules, ProfileTable& profiles, std::uint32_t core)
    : workload_(workload),
      rules_(rules),
      profiles_(profiles),
      group_size_(rules.mapping.queries_per_program),
      queries_per_head_(rules.queries),
      groups_per_head_((std::uint64_t{rules.queries} + group_size_ - 1) / group_size_) {
  for (std::uint64_t head = core; head < workload.head_count(); head += rules.cores) {
    heads_.push_back(static_cast<std::uint32_t>(head));
  }
}

bool Schedule::keys_change(std::uint64_t head) const {
  return head == 0 || !workload_.same_keys(heads_[head - 1], heads_[head]);
}

// `place` counts the groups of the head.
const ProfilePointer& Schedule::profile_of(std::uint64_t head, std::uint64_t place) {
  if (head != rule_head_) {
    rule_ = workload_.valid_keys(workload_.id(heads_[head]));
    rule_head_ = head;
  }
  const auto first = static_cast<std::uint32_t>(place * group_size_);
  return profiles_.of(rule_, first, std::min(group_size_, queries_per_head_ - first));
}

GroupDuties Schedule::duties_of(std::uint64_t head, std::uint64_t place) const {
  GroupDuties duties;
  duties.awaits_output = rules_.mapping.decode != Decode::off && place != 0;
  if (place == 0) {
    const bool change = keys_change(head);
    duties.new_keys = rules_.mapping.resident && change;
    duties.awaits_keys = rules_.keys_modelled && change;
  }
  // The keys of the next head are loaded with the first group of this one, or behind its last.
  const bool loads = rules_.keys_modelled && place == (rules_.two_heads_fit ? 0 : groups_per_head_ - 1);
  if (loads && head + 1 < heads_.size() && keys_change(head + 1)) {
    duties.loads_on_entry = rules_.two_heads_fit;
    duties.loads_on_drain = !rules_.two_heads_fit;
  }
  return duties;
}

GroupPlan Schedule::plan(std::uint64_t group) {
  const std::uint64_t head = group / groups_per_head_, place = group % groups_per_head_;
  return {profile_of(head, place), duties_of(head, place)};
}

GroupKind Schedule::kind(std::uint64_t group) {
  const std::uint64_t head = group / groups_per_head_, place = group % groups_per_head_;
  const GroupProfile& profile = *profile_of(head, place);
  FlagBits kind{profile.id};
  GroupDuties duties = duties_of(head, place);
  GroupDuties::describe(kind, duties);
  return {kind.bits, profile.tiles == 0};
}

}  // namespace capcam::fast
