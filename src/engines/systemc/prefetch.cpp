// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/prefetch.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <span>

#include "engines/systemc/resident_values.h"

namespace capcam::systemc {
namespace {

constexpr int burst_bits = 28;  // bits of a request's tag; a query has at most one burst per tile, fewer than 2^28

class PrefetchModel final : public Prefetch {
 public:
  PrefetchModel(const sc_core::sc_module_name& name, const Context& context)
      : Prefetch(name, context.clock),
        n_(context.config.top_n.n),
        core_(context.core),
        row_bytes_(context.times.value_row_bytes),
        one_asks_(context.mapping.queries_per_program == 1),
        layout_(context.layout),
        heads_(context.heads),
        log_(context.dram_log),
        counts_(context.counts),
        free_(context.times.value_slots) {}
  void finish(Cycle end) override {
    note_answers(std::min(end, now()));
    Prefetch::finish(end);
  }
  std::string state() const override {
    return fmt::format("{}: {} bursts wait, {} slots free, {} queries unfinished", name(), waiting_, free_,
                       queries_.size());
  }

 private:
  struct Row {
    std::uint32_t key;
    std::uint32_t burst;  // number of the burst in its query
  };
  struct Query {
    std::shared_ptr<const Head> head;  // the head, which lies in memory
    std::uint32_t head_index = 0, number = 0;
    std::uint64_t first_row = 0;                     // address of its head's first value row
    std::vector<Row> rows;                           // rows that are issued and not dropped, by key; each holds a slot
    std::vector<bool> there;                         // true for each issued burst that is there
    std::deque<std::vector<std::uint32_t>> waiting;  // keys of bursts that are not issued
    std::vector<std::uint32_t> kept;                 // keys, best first; empty as long as they are not known
    bool done = false;
  };
  void step() override;
  Query& query(std::uint64_t sequence);
  std::uint64_t still_needs(const Query& query) const { return n_ > query.rows.size() ? n_ - query.rows.size() : 0; }
  std::uint64_t reserve_before(std::uint64_t sequence) const;
  void enter(const GroupEntry& group);
  void note_answers(Cycle until);
  void fetch(std::uint64_t sequence, const std::vector<std::uint32_t>& keys);
  void drop(Query& owner, const std::vector<std::uint32_t>& keys);
  void keep(const KeptRows& message);
  void finish_query(std::uint64_t sequence);
  void issue_what_fits();
  void issue(std::uint64_t sequence, std::span<const std::uint32_t> keys);
  void hand_over();
  bool all_there(const Query& owner) const;
  void read_rows(const Query& owner, ValueRows& result) const;

  const std::uint32_t n_, core_;
  const std::uint64_t row_bytes_;
  const bool one_asks_;  // only one query asks at a time: decisions need not wait for the end of the cycle
  const MemoryLayout& layout_;
  Heads& heads_;
  DramLog* const log_;
  ActionCounts& counts_;
  std::uint64_t free_;
  std::deque<Query> queries_;               // unfinished queries, oldest first
  std::uint64_t first_ = 0;                 // sequence of queries_.front()
  std::deque<std::uint64_t> to_hand_over_;  // queries whose kept rows are known, in order
  std::uint64_t waiting_ = 0;               // bursts of all queries
  std::uint64_t under_way_ = 0;             // bursts issued and not complete
  bool changed_ = false;                    // true if something changed since bursts were last issued
  MemoryRequest request_;
};

void PrefetchModel::step() {
  for (const GroupEntry* g = entries->front(); g != nullptr; entries->pop(), g = entries->front()) enter(*g);
  note_answers(now());
  if (drops.bound()) {
    for (const RowDrop* d = drops->front(); d != nullptr; drops->pop(), d = drops->front())
      drop(query(d->sequence), d->keys);
  }
  for (const KeptRows* k = kept->front(); k != nullptr; kept->pop(), k = kept->front()) keep(*k);
  for (const QueryDone* d = done->front(); d != nullptr; done->pop(), d = done->front()) finish_query(d->sequence);
  if (fetches.bound()) {
    for (const RowFetch* f = fetches->front(); f != nullptr; fetches->pop(), f = fetches->front())
      fetch(f->sequence, f->keys);
  }
  if (changed_ && waiting_ > 0) {
    if (clock_.reached(Phase::prefetch)) {
      issue_what_fits();
    } else {
      wake_at(now(), Phase::prefetch);
    }
  } else {
    changed_ = false;
  }
  hand_over();
}

PrefetchModel::Query& PrefetchModel::query(std::uint64_t sequence) {
  if (sequence < first_ || sequence - first_ >= queries_.size())
    throw LawBroken(fmt::format("{}: query {} of the core has not entered, or is done", name(), sequence));
  return queries_[sequence - first_];
}

// From now on these queries may need slots.
void PrefetchModel::enter(const GroupEntry& group) {
  if (queries_.empty()) first_ = group.queries.front().sequence;
  for (const QueryTag& tag : group.queries) {
    Query& entered = queries_.emplace_back();
    entered.head = heads_.get(tag.head);
    entered.head_index = tag.head;
    entered.number = tag.query;
    entered.first_row = layout_.value_row(tag.head, 0);
  }
}

// Answers of earlier cycles, for which nobody waited, are noted in their own. `until` is not later than now.
void PrefetchModel::note_answers(Cycle until) {
  for (Cycle at = answers->ready_at(); at <= until; answers->pop(), at = answers->ready_at()) {
    ledger.set_under_way(at, --under_way_ > 0);
    const std::uint64_t tag = answers->front()->tag, sequence = tag >> burst_bits;
    if (sequence < first_) continue;  // every row was dropped, and the query is done
    query(sequence).there[tag & ((std::uint64_t{1} << burst_bits) - 1)] = true;
  }
}

void PrefetchModel::fetch(std::uint64_t sequence, const std::vector<std::uint32_t>& keys) {
  changed_ = true;
  // With nothing left over from before, a lone asker sees as many slots now as at the end of the cycle, or fewer.
  if (one_asks_ && waiting_ == 0 && free_ >= reserve_before(sequence) + keys.size()) return issue(sequence, keys);
  query(sequence).waiting.push_back(keys);
  ++waiting_;
  ledger.set_waiting(now(), true);
}

// Returns what queries older than `sequence` may still need.
std::uint64_t PrefetchModel::reserve_before(std::uint64_t sequence) const {
  std::uint64_t reserve = 0;
  for (std::uint64_t older = first_; older < sequence; ++older) reserve += still_needs(queries_[older - first_]);
  return reserve;
}

// `keys` ascend, as the rows do.
void PrefetchModel::drop(Query& owner, const std::vector<std::uint32_t>& keys) {
  auto next = keys.begin();
  free_ += std::erase_if(owner.rows, [&](const Row& row) {
    while (next != keys.end() && *next < row.key) ++next;
    return next != keys.end() && *next == row.key;
  });
  changed_ = true;
  if (owner.waiting.empty()) return;
  const auto dropped = [&](std::uint32_t key) { return std::binary_search(keys.begin(), keys.end(), key); };
  for (std::vector<std::uint32_t>& burst : owner.waiting) std::erase_if(burst, dropped);
  waiting_ -= std::erase_if(owner.waiting, [](const std::vector<std::uint32_t>& burst) { return burst.empty(); });
  ledger.set_waiting(now(), waiting_ > 0);
}

// Everything else of the query is dropped; if nothing was fetched before, the kept rows are one burst.
void PrefetchModel::keep(const KeptRows& message) {
  Query& owner = query(message.sequence);
  owner.kept = message.keys;
  to_hand_over_.push_back(message.sequence);
  if (!fetches.bound()) return fetch(message.sequence, message.keys);
  std::vector<std::uint32_t> others;
  const auto note_others = [&](std::uint32_t key) {
    if (std::find(owner.kept.begin(), owner.kept.end(), key) == owner.kept.end()) others.push_back(key);
  };
  for (const Row& row : owner.rows) note_others(row.key);
  for (const std::vector<std::uint32_t>& burst : owner.waiting) std::for_each(burst.begin(), burst.end(), note_others);
  std::sort(others.begin(), others.end());
  if (!others.empty()) drop(owner, others);
}

void PrefetchModel::finish_query(std::uint64_t sequence) {
  Query& owner = query(sequence);
  free_ += owner.rows.size();
  owner.rows.clear();
  owner.done = true;
  for (; !queries_.empty() && queries_.front().done; ++first_) queries_.pop_front();
  changed_ = true;
}

// Oldest query first, each one's bursts in order, stopping at the first that must wait. What older queries may still
// need is left for them, so that the oldest can always go on.
void PrefetchModel::issue_what_fits() {
  changed_ = false;
  std::uint64_t reserve = 0;
  for (std::uint64_t sequence = first_; waiting_ > 0; ++sequence) {
    Query& asker = query(sequence);
    for (; !asker.waiting.empty(); asker.waiting.pop_front(), --waiting_) {
      if (free_ < reserve + asker.waiting.front().size()) return;
      issue(sequence, asker.waiting.front());
    }
    reserve += still_needs(asker);
  }
  ledger.set_waiting(now(), false);
}

void PrefetchModel::issue(std::uint64_t sequence, std::span<const std::uint32_t> keys) {
  Query& asker = query(sequence);
  const auto burst = static_cast<std::uint32_t>(asker.there.size());
  const auto held = static_cast<std::ptrdiff_t>(asker.rows.size());
  const auto by_key = [](const Row& a, const Row& b) { return a.key < b.key; };
  for (const std::uint32_t key : keys) asker.rows.push_back({key, burst});
  std::sort(asker.rows.begin() + held, asker.rows.end(), by_key);
  asker.there.push_back(false);
  free_ -= keys.size();
  counts_.dram_access += 1;
  counts_.value_sram_write += 1;
  counts_.value_sram_write_byte += keys.size() * row_bytes_;
  counts_.dram_value_bytes += keys.size() * row_bytes_;
  ledger.set_under_way(now(), ++under_way_ > 0);
  if (log_ != nullptr) {
    DramRequest what;
    what.cycle = static_cast<std::uint64_t>(now());
    what.core = core_;
    what.head = asker.head_index;
    what.query = asker.number;
    what.bytes = keys.size() * row_bytes_;
    what.keys.assign(keys.begin(), keys.end());
    log_->request(std::move(what));
  }
  request_.core = core_;
  request_.traffic = MemoryTraffic::values;
  request_.tag = sequence << burst_bits | burst;
  request_.ranges.clear();
  for (auto row = asker.rows.begin() + held; row != asker.rows.end(); ++row)
    request_.ranges.push_back({asker.first_row + row->key * row_bytes_, row_bytes_});
  // Where keys are interleaved, a later tile may have lower ones.
  if (!std::is_sorted(asker.rows.begin() + std::max<std::ptrdiff_t>(held - 1, 0), asker.rows.end(), by_key))
    std::inplace_merge(asker.rows.begin(), asker.rows.begin() + held, asker.rows.end(), by_key);
  memory->request(request_);
}

// The kept rows of the oldest query that still needs them go to contextualization when all of them are there.
void PrefetchModel::hand_over() {
  while (!to_hand_over_.empty()) {
    const Query& owner = query(to_hand_over_.front());
    if (!all_there(owner)) {
      answers->front();  // there is none: the memory wakes this module when there is
      return;
    }
    ValueRows* const result = rows->place();
    if (result == nullptr) return;
    result->sequence = to_hand_over_.front();
    result->keys = owner.kept;
    read_rows(owner, *result);
    rows->push(std::max(now(), rows->free_from()));
    to_hand_over_.pop_front();
  }
}

bool PrefetchModel::all_there(const Query& owner) const {
  return owner.waiting.empty() &&
         std::all_of(owner.rows.begin(), owner.rows.end(), [&](const Row& row) { return owner.there[row.burst]; });
}

void PrefetchModel::read_rows(const Query& owner, ValueRows& result) const {
  result.values.clear();
  for (const std::uint32_t key : owner.kept) {
    const auto row = std::find_if(owner.rows.begin(), owner.rows.end(), [key](const Row& r) { return r.key == key; });
    if (row == owner.rows.end())
      throw LawBroken(fmt::format("{}: head {} query {} keeps key {}, but its value row was not fetched", name(),
                                  owner.head_index, owner.number, key));
    const std::span<const float> value = owner.head->value_row(row->key);
    result.values.insert(result.values.end(), value.begin(), value.end());
  }
}

}  // namespace

std::unique_ptr<Prefetch> model_prefetch(const sc_core::sc_module_name& name, const Context& context) {
  if (context.config.memory.value_source == ValueSource::sram) return std::make_unique<ResidentValues>(name, context);
  return std::make_unique<PrefetchModel>(name, context);
}

}  // namespace capcam::systemc
