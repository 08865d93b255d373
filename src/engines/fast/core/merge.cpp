// SPDX-License-Identifier: Apache-2.0
#include "engines/fast/core/merge.h"

#include <algorithm>

#include "engines/fast/core/state_codec.h"

namespace capcam::fast {
namespace {

bool older(const MergeRequest& a, const MergeRequest& b) { return a.query < b.query; }

}  // namespace

std::optional<MergeRequest> Merge::start() {
  if (state_.busy || (state_.waiting.empty() && of_cycle_.empty())) return {};
  std::vector<MergeRequest>& from = state_.waiting.empty() ? of_cycle_ : state_.waiting;
  const auto next = state_.waiting.empty() ? std::min_element(from.begin(), from.end(), older) : from.begin();
  const MergeRequest request = *next;
  from.erase(next);
  state_.busy = true;
  core_.tally().busy[Stage::merge] += core_.rules.times.merge;
  ++core_.counts().merger_merge;
  if (!request.last) ++core_.counts().candidate_register_write;
  RegisterState& candidates = core_.queries[request.query].candidates;
  const std::uint32_t dropped = candidates.occupied - std::min(candidates.occupied, core_.rules.n);
  candidates.occupied -= dropped;
  core_.events.post(core_.now + core_.rules.times.merge, EventType::merge_ended, request.query,
                    dropped * 2 + (request.last ? 1 : 0));
  return request;
}

void Merge::end_cycle() {
  std::sort(of_cycle_.begin(), of_cycle_.end(), older);
  state_.waiting.insert(state_.waiting.end(), of_cycle_.begin(), of_cycle_.end());
  of_cycle_.clear();
}

void Merge::describe(StateCodec& v) { v.state(state_); }

}  // namespace capcam::fast
