// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/candidate_merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace capcam {
namespace {

void list_keys(std::vector<Candidate>::const_iterator from, std::vector<Candidate>::const_iterator to,
               std::vector<std::uint32_t>& keys) {
  keys.resize(static_cast<std::size_t>(to - from));
  std::transform(from, to, keys.begin(), [](const Candidate& candidate) { return candidate.key; });
}

}  // namespace

CandidateMerge::CandidateMerge(const sc_core::sc_module_name& name, Clock& clock, const Config& config,
                               const Mapping& mapping, Channels channels, ActionCounts& counts)
    : Stage(name, clock),
      mapping_(mapping),
      params_(config.top_n),
      tile_candidates_(params_.tile_k == 0 ? mapping.rows : std::min(params_.tile_k, mapping.rows)),
      decide_late_(mapping.queries_per_program > 1),
      channels_(std::move(channels)),
      counts_(counts) {
  channels_.groups.bind_reader(wake);
  channels_.candidates.bind_reader(wake);
  channels_.selections.bind_writer(wake);
}

void CandidateMerge::step() {
  for (bool progress = true; progress;) {
    progress = accept_groups();
    progress |= accept_candidates();
    progress |= store_what_fits();
    progress |= drain();
    progress |= hand_over();
    if (!progress) progress = begin_merge();
  }
  Cycle next = std::min(channels_.groups.ready_at(), channels_.candidates.ready_at());
  if (drained_ < queries_.size() && queries_[drained_].next_tile == mapping_.tiles &&
      queries_[drained_].settled > now())
    next = std::min(next, queries_[drained_].settled);
  if (drained_ > 0 && !last_merge_requested_ && channels_.selections.can_push())
    next = std::min(next, std::max(channels_.selections.free_from(), now() + 1));
  if (!requests_.empty() && unit_free_ > now()) next = std::min(next, unit_free_);
  if (!requests_.empty() && unit_free_ <= now()) return notify_at(clock_, wake, now(), Phase::merge);
  wake_at(next);
}

bool CandidateMerge::accept_groups() {
  bool any = false;
  for (; channels_.groups.ready(); channels_.groups.pop(), any = true) {
    Group* group = channels_.groups.front();
    if (queries_.empty()) first_ = group->first_sequence;
    for (std::uint32_t lane = 0; lane < group->lanes.size(); ++lane) {
      const bool taken =
          std::any_of(queries_.begin(), queries_.end(), [lane](const Query& q) { return q.lane == lane; });
      queries_.push_back({group, lane, now(), next_valid_tile(mapping_, group->lanes[lane].valid, 0), !taken});
      queries_.back().settled = now();
    }
  }
  return any;
}

bool CandidateMerge::accept_candidates() {
  bool any = false;
  for (; channels_.candidates.ready(); channels_.candidates.pop(), any = true) {
    TileCandidates& tile = channels_.candidates.front();
    Query& owner = query(tile.group->sequence(tile.lane));
    if (can_store(owner, tile)) {
      store(owner, tile);
    } else {
      owner.early.push_back(tile);
    }
  }
  return any;
}

bool CandidateMerge::store_what_fits() {
  bool any = false;
  for (Query& owner : queries_) {
    if (!owner.early.empty()) any |= store_early(owner);
  }
  return any;
}

bool CandidateMerge::store_early(Query& owner) {
  bool any = false;
  for (std::size_t i = 0; i < owner.early.size();) {
    if (!can_store(owner, owner.early[i])) {
      ++i;
      continue;
    }
    store(owner, owner.early[i]);
    owner.early.erase(owner.early.begin() + static_cast<std::ptrdiff_t>(i));
    any = true;
    i = 0;
  }
  return any;
}

bool CandidateMerge::can_store(const Query& owner, const TileCandidates& tile) const {
  return owner.owns_register && tile.tile == owner.next_tile && !owner.merge_requested;
}

void CandidateMerge::store(Query& owner, const TileCandidates& tile) {
  owner.candidates.insert(owner.candidates.end(), tile.candidates.begin(), tile.candidates.end());
  owner.occupied += static_cast<std::uint32_t>(tile.candidates.size());
  owner.settled = std::max(owner.settled, now());
  owner.next_tile = next_valid_tile(mapping_, owner.group->lanes[owner.lane].valid, owner.next_tile + 1);
  counts_.candidate_register_write += 1;
  channels_.slots[tile.array]->give(tile.slot, now());
  const std::uint64_t sequence = owner.group->sequence(owner.lane);
  if (channels_.fetches != nullptr && params_.tile_k > 0) {
    RowMessage& message = channels_.fetches->next();
    message.kind = RowMessage::Kind::fetch;
    message.sequence = sequence;
    list_keys(tile.candidates.begin(), tile.candidates.end(), message.keys);
    channels_.fetches->push(now());
  }
  if (owner.next_tile < mapping_.tiles && params_.register_entries - owner.occupied < tile_candidates_) {
    owner.merge_requested = true;
    requests_.push_back({now(), sequence, false});
  }
}

// Queries drain in order: all tiles stored, no merge under way.
bool CandidateMerge::drain() {
  bool any = false;
  while (drained_ < queries_.size()) {
    const Query& next = queries_[drained_];
    if (next.next_tile < mapping_.tiles || next.settled > now()) break;
    ++drained_;
    any = true;
    if (next.group->last_of_head && next.lane + 1 == next.group->lanes.size()) {
      channels_.events.next() = {QueryEvent::Kind::drained, next.group};
      channels_.events.push(now());
    }
    if (next.lane + 1 == next.group->lanes.size()) next.group->drained = now();
  }
  return any;
}

// The oldest query leaves when it has drained and the softmax is free: by way of the merge unit, or at once if it kept
// no key.
bool CandidateMerge::hand_over() {
  if (drained_ == 0 || last_merge_requested_) return false;
  if (!channels_.selections.can_push() || channels_.selections.free_from() > now()) return false;
  Query& oldest = queries_.front();
  if (oldest.candidates.empty()) {
    pass_on(oldest, now());
  } else {
    last_merge_requested_ = true;
    requests_.push_back({now(), first_, true});
  }
  return true;
}

bool CandidateMerge::begin_merge() {
  if (requests_.empty() || unit_free_ > now()) return false;
  if (decide_late_ && !clock_.reached(Phase::merge)) return false;
  const auto first = std::min_element(requests_.begin(), requests_.end(), [](const Request& a, const Request& b) {
    return std::tie(a.at, a.sequence) < std::tie(b.at, b.sequence);
  });
  const Request request = *first;
  requests_.erase(first);
  unit_free_ = now() + params_.merge_cycles;
  counts_.merger_merge += 1;
  Query& owner = query(request.sequence);
  merge.work(now(), unit_free_, unit_free_,
             {owner.group->head_index, owner.group->lanes[owner.lane].query, Activity::none});
  if (request.last) {
    begin_last_merge(owner);
  } else {
    begin_shadow_merge(owner);
  }
  return true;
}

void CandidateMerge::begin_shadow_merge(Query& owner) {
  std::vector<Candidate>& all = owner.candidates;
  if (all.size() > params_.n) {
    std::nth_element(all.begin(), all.begin() + params_.n, all.end(), better);
    send_dropped(owner.group->sequence(owner.lane), all.begin() + params_.n, all.end());
    all.resize(params_.n);
  }
  owner.occupied = static_cast<std::uint32_t>(all.size());
  owner.merge_requested = false;
  owner.settled = unit_free_;
  counts_.candidate_register_write += 1;
}

void CandidateMerge::begin_last_merge(Query& owner) {
  std::vector<Candidate>& all = owner.candidates;
  const std::uint64_t sequence = owner.group->sequence(owner.lane);
  const std::size_t kept = std::min<std::size_t>(all.size(), params_.n);
  std::nth_element(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(kept) - 1, all.end(), better);
  if (params_.tile_k > 0) send_dropped(sequence, all.begin() + static_cast<std::ptrdiff_t>(kept), all.end());
  all.resize(kept);
  std::sort(all.begin(), all.end(), better);
  if (channels_.fetches != nullptr && params_.tile_k == 0) {
    RowMessage& message = channels_.fetches->next();
    message.kind = RowMessage::Kind::fetch;
    message.sequence = sequence;
    list_keys(all.begin(), all.end(), message.keys);
    channels_.fetches->push(unit_free_);
  }
  last_merge_requested_ = false;
  pass_on(owner, unit_free_);
}

void CandidateMerge::send_dropped(std::uint64_t sequence, std::vector<Candidate>::const_iterator from,
                                  std::vector<Candidate>::const_iterator to) {
  if (channels_.drops == nullptr || from == to || params_.tile_k == 0) return;
  RowMessage& message = channels_.drops->next();
  message.kind = RowMessage::Kind::drop;
  message.sequence = sequence;
  list_keys(from, to, message.keys);
  std::sort(message.keys.begin(), message.keys.end());
  channels_.drops->push(unit_free_);
}

// The handover of the oldest query: its selection reaches the softmax at `ready`; its register belongs to the lane's
// next.
void CandidateMerge::pass_on(Query& oldest, Cycle ready) {
  Selection& selection = channels_.selections.next();
  selection.group = oldest.group;
  selection.lane = oldest.lane;
  selection.handover = now();
  selection.keys.swap(oldest.candidates);
  Group* const group = oldest.group;
  const std::uint32_t lane = oldest.lane;
  if (lane + 1 == group->lanes.size()) {
    association.work(oldest.entry, group->drained, now(),
                     {group->head_index, group->lanes.front().query, Activity::none});
    channels_.events.next() = {QueryEvent::Kind::handed_over, group};
    channels_.events.push(now());
  }
  queries_.pop_front();
  ++first_;
  --drained_;
  const auto heir = std::find_if(queries_.begin(), queries_.end(), [lane](const Query& q) { return q.lane == lane; });
  if (heir != queries_.end()) heir->owns_register = true;
  channels_.selections.push(ready);
}

std::string CandidateMerge::state() const {
  std::string text = fmt::format("{}: {} queries in association, {} drained, {} merges asked for, {} tiles waiting",
                                 name(), queries_.size(), drained_, requests_.size(), channels_.candidates.fill());
  if (!queries_.empty())
    text += fmt::format("; oldest: head {} query {}, next tile {} of {}, {} candidates",
                        queries_.front().group->head_index, queries_.front().group->lanes[queries_.front().lane].query,
                        queries_.front().next_tile, mapping_.tiles, queries_.front().candidates.size());
  return text;
}

}  // namespace capcam
