// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <tuple>

#include "engines/systemc/schedule.h"

namespace capcam::systemc {
namespace {

void list_keys(std::vector<Candidate>::const_iterator from, std::vector<Candidate>::const_iterator to,
               std::vector<std::uint32_t>& keys) {
  keys.resize(static_cast<std::size_t>(to - from));
  std::transform(from, to, keys.begin(), [](const Candidate& candidate) { return candidate.key; });
}

class MergeModel final : public Merge {
 public:
  MergeModel(const sc_core::sc_module_name& name, const Context& context)
      : Merge(name, context.clock),
        mapping_(context.mapping),
        params_(context.config.top_n),
        merge_cycles_(context.times.merge),
        tile_candidates_(params_.tile_k == 0 ? mapping_.rows : std::min(params_.tile_k, mapping_.rows)),
        decide_late_(mapping_.queries_per_program > 1),
        counts_(context.counts) {}
  std::string state() const override;

 private:
  struct Query {
    QueryTag tag;
    bool last_of_group, last_of_head;
    Cycle entry;
    std::uint32_t next_tile;  // tile that is stored next; mapping.tiles if all are
    bool owns_register;       // the lane's previous query has been handed over
    Cycle settled;            // when the last write or the last shadow merge ended
    Cycle drained = 0;
    std::vector<Candidate> candidates{};
    std::uint32_t occupied = 0;           // entries in use, as seen by the next write
    bool merge_requested = false;         // a shadow merge has not begun yet
    std::vector<TileCandidates> early{};  // candidates that arrived before their turn
  };
  struct Request {
    Cycle at;
    std::uint64_t sequence;
    bool last;
  };
  void step() override;
  bool accept_groups();
  bool accept_candidates();
  bool store_what_fits();
  bool store_early(Query& owner);
  bool can_store(const Query& owner, const TileCandidates& tile) const;
  void store(Query& owner, const TileCandidates& tile);
  bool drain();
  bool hand_over();
  bool begin_merge();
  void begin_shadow_merge(Query& owner);
  void begin_last_merge(Query& owner);
  void pass_on(Query& oldest, Cycle ready);
  Query& query(std::uint64_t sequence);

  const Mapping& mapping_;
  const TopNParams params_;
  const Cycle merge_cycles_;
  const std::uint32_t tile_candidates_;  // the most that a tile can bring
  const bool decide_late_;               // several queries may ask for the merge unit in one cycle
  ActionCounts& counts_;
  std::deque<Query> queries_;  // queries that entered and are not handed over, oldest first
  std::uint64_t first_ = 0;    // sequence of queries_.front()
  std::size_t drained_ = 0;    // how many of queries_ have drained
  std::vector<Request> requests_;
  bool last_merge_requested_ = false;
  Cycle unit_free_ = 0;
};

void MergeModel::step() {
  for (bool again = true; again;) {
    again = accept_groups();
    again |= accept_candidates();
    again |= store_what_fits();
    again |= drain();
    again |= hand_over();
    if (!again) again = begin_merge();
  }
  if (!requests_.empty() && unit_free_ <= now()) return wake_at(now(), Phase::merge);
  Cycle next = never;
  if (drained_ < queries_.size() && queries_[drained_].next_tile == mapping_.tiles) next = queries_[drained_].settled;
  if (drained_ > 0 && !last_merge_requested_ && selections->place() != nullptr)
    next = std::min(next, selections->free_from());
  if (!requests_.empty()) next = std::min(next, unit_free_);
  wake_at(next);
}

MergeModel::Query& MergeModel::query(std::uint64_t sequence) {
  if (sequence < first_ || sequence - first_ >= queries_.size())
    throw LawBroken(fmt::format("{}: query {} of the core is not in association", name(), sequence));
  return queries_[sequence - first_];
}

bool MergeModel::accept_groups() {
  bool any = false;
  for (const GroupEntry* group = entries->front(); group != nullptr; group = entries->front(), any = true) {
    if (queries_.empty()) first_ = group->queries.front().sequence;
    for (const QueryTag& tag : group->queries) {
      const bool taken =
          std::any_of(queries_.begin(), queries_.end(), [&tag](const Query& q) { return q.tag.lane == tag.lane; });
      const bool last = tag.lane + 1 == group->queries.size();
      queries_.push_back(
          {tag, last, last && group->last_of_head, now(), next_valid_tile(mapping_, tag.valid, 0), !taken, now()});
    }
    entries->pop();
  }
  return any;
}

bool MergeModel::accept_candidates() {
  bool any = false;
  for (const TileCandidates* tile = candidates->front(); tile != nullptr; tile = candidates->front(), any = true) {
    Query& owner = query(tile->query.sequence);
    if (can_store(owner, *tile)) {
      store(owner, *tile);
    } else {
      owner.early.push_back(*tile);
    }
    candidates->pop();
  }
  return any;
}

bool MergeModel::store_what_fits() {
  bool any = false;
  for (Query& owner : queries_) {
    if (!owner.early.empty()) any |= store_early(owner);
  }
  return any;
}

bool MergeModel::store_early(Query& owner) {
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

bool MergeModel::can_store(const Query& owner, const TileCandidates& tile) const {
  return owner.owns_register && tile.tile == owner.next_tile && !owner.merge_requested;
}

void MergeModel::store(Query& owner, const TileCandidates& tile) {
  owner.candidates.insert(owner.candidates.end(), tile.candidates.begin(), tile.candidates.end());
  owner.occupied += static_cast<std::uint32_t>(tile.candidates.size());
  owner.settled = std::max(owner.settled, now());
  owner.next_tile = next_valid_tile(mapping_, owner.tag.valid, owner.next_tile + 1);
  counts_.candidate_register_write += 1;
  slots[static_cast<int>(tile.array)]->give(tile.slot, now());
  if (fetches.bound()) {
    RowFetch& message = fetches.next();
    message.sequence = owner.tag.sequence;
    list_keys(tile.candidates.begin(), tile.candidates.end(), message.keys);
    fetches->push(now());
  }
  if (owner.next_tile < mapping_.tiles && params_.register_entries - owner.occupied < tile_candidates_) {
    owner.merge_requested = true;
    requests_.push_back({now(), owner.tag.sequence, false});
  }
}

// Queries drain in order: all tiles are stored, no merge is under way.
bool MergeModel::drain() {
  bool any = false;
  for (; drained_ < queries_.size(); ++drained_, any = true) {
    Query& next = queries_[drained_];
    if (next.next_tile < mapping_.tiles || next.settled > now()) break;
    next.drained = now();
    if (!next.last_of_head) continue;
    progress.next() = {GroupProgress::Kind::head_drained, next.tag.head};
    progress->push(now());
  }
  return any;
}

// The oldest query leaves when it has drained and the softmax is free: by way of the merge unit, or at once if it kept
// no key.
bool MergeModel::hand_over() {
  if (drained_ == 0 || last_merge_requested_) return false;
  if (selections->place() == nullptr || selections->free_from() > now()) return false;
  Query& oldest = queries_.front();
  if (oldest.candidates.empty()) {
    pass_on(oldest, now());
  } else {
    last_merge_requested_ = true;
    requests_.push_back({now(), first_, true});
  }
  return true;
}

bool MergeModel::begin_merge() {
  if (requests_.empty() || unit_free_ > now()) return false;
  if (decide_late_ && !clock_.reached(Phase::merge)) return false;
  const auto first = std::min_element(requests_.begin(), requests_.end(), [](const Request& a, const Request& b) {
    return std::tie(a.at, a.sequence) < std::tie(b.at, b.sequence);
  });
  const Request request = *first;
  requests_.erase(first);
  unit_free_ = now() + merge_cycles_;
  counts_.merger_merge += 1;
  Query& owner = query(request.sequence);
  merge.work(now(), unit_free_, unit_free_, owner.tag.activity());
  if (request.last) {
    begin_last_merge(owner);
  } else {
    begin_shadow_merge(owner);
  }
  return true;
}

void MergeModel::begin_shadow_merge(Query& owner) {
  std::vector<Candidate>& all = owner.candidates;
  if (all.size() > params_.n) {
    std::nth_element(all.begin(), all.begin() + params_.n, all.end(), better);
    if (drops.bound()) {
      RowDrop& message = drops.next();
      message.sequence = owner.tag.sequence;
      list_keys(all.begin() + params_.n, all.end(), message.keys);
      std::sort(message.keys.begin(), message.keys.end());
      drops->push(unit_free_);
    }
    all.resize(params_.n);
  }
  owner.occupied = static_cast<std::uint32_t>(all.size());
  owner.merge_requested = false;
  owner.settled = unit_free_;
  counts_.candidate_register_write += 1;
}

void MergeModel::begin_last_merge(Query& owner) {
  std::vector<Candidate>& all = owner.candidates;
  const std::size_t n = std::min<std::size_t>(all.size(), params_.n);
  std::nth_element(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(n) - 1, all.end(), better);
  all.resize(n);
  std::sort(all.begin(), all.end(), better);
  KeptRows& message = kept.next();
  message.head = owner.tag.head;
  message.sequence = owner.tag.sequence;
  list_keys(all.begin(), all.end(), message.keys);
  kept->push(unit_free_);
  last_merge_requested_ = false;
  pass_on(owner, unit_free_);
}

// The handover of the oldest query: its selection reaches the softmax at `ready`; its register belongs to the lane's
// next.
void MergeModel::pass_on(Query& oldest, Cycle ready) {
  Selection& selection = selections.next();
  selection.query = oldest.tag;
  selection.handover = now();
  selection.keys.swap(oldest.candidates);
  if (oldest.last_of_group) {
    association.work(oldest.entry, oldest.drained, now(),
                     {oldest.tag.head, oldest.tag.query - oldest.tag.lane, Activity::none});
    progress.next() = {GroupProgress::Kind::handed_over, oldest.tag.head};
    progress->push(now());
  }
  const std::uint32_t lane = oldest.tag.lane;
  queries_.pop_front();
  ++first_;
  --drained_;
  const auto heir =
      std::find_if(queries_.begin(), queries_.end(), [lane](const Query& q) { return q.tag.lane == lane; });
  if (heir != queries_.end()) heir->owns_register = true;
  selections->push(ready);
}

std::string MergeModel::state() const {
  std::string text = fmt::format("{}: {} queries in association, {} drained, {} merges asked for", name(),
                                 queries_.size(), drained_, requests_.size());
  if (!queries_.empty())
    text += fmt::format("; oldest: head {} query {}, next tile {} of {}, {} candidates", queries_.front().tag.head,
                        queries_.front().tag.query, queries_.front().next_tile, mapping_.tiles,
                        queries_.front().candidates.size());
  return text;
}

}  // namespace

std::unique_ptr<Merge> model_merge(const sc_core::sc_module_name& name, const Context& context) {
  return std::make_unique<MergeModel>(name, context);
}

}  // namespace capcam::systemc
