// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/prefetch.h"

#include <fmt/format.h>

#include <algorithm>

namespace capcam {
namespace {

constexpr int burst_bits = 28;  // of a request's tag; a query has at most one burst a tile, fewer than 2^28

}  // namespace

Prefetch::Prefetch(const sc_core::sc_module_name& name, Clock& clock, const Config& config, const Mapping& mapping,
                   std::uint32_t value_dim, std::uint32_t core, Fifo<RowMessage>& fetches, Fifo<RowMessage>& drops,
                   Fifo<RowMessage>& done, Dram& dram, ActionCounts& counts)
    : Stage(name, clock),
      n_(config.top_n.n),
      core_(core),
      row_bytes_(std::uint64_t{value_dim} * (config.value.format == NumberFormat::bf16 ? 2 : 4)),
      one_asks_(mapping.queries_per_program == 1),
      fetches_(fetches),
      drops_(drops),
      done_(done),
      dram_(dram),
      counts_(counts),
      free_(std::uint64_t{config.memory.value_sram_kib} * 1024 / row_bytes_) {
  fetches.bind_reader(wake);
  drops.bind_reader(wake);
  done.bind_reader(wake);
}

void Prefetch::enter(std::uint64_t sequence, std::uint32_t head, std::uint32_t number) {
  if (queries_.empty()) first_ = sequence;
  Query& entered = queries_.emplace_back();
  entered.head = head;
  entered.number = number;
}

void Prefetch::step() {
  for (; drops_.ready(); drops_.pop()) drop(drops_.front());
  for (; done_.ready(); done_.pop()) done(done_.front());
  for (; fetches_.ready(); fetches_.pop()) fetch(fetches_.front());
  if (changed_ && waiting_ > 0) {
    if (clock_.reached(Phase::prefetch)) {
      issue_what_fits();
    } else {
      notify_at(clock_, wake, now(), Phase::prefetch);
      return;  // whatever comes later is asked for again then
    }
  }
  changed_ = false;
  wake_at(std::min({fetches_.ready_at(), drops_.ready_at(), done_.ready_at()}));
}

void Prefetch::fetch(const RowMessage& message) {
  changed_ = true;
  // With nothing left over from before, a lone asker sees as many slots now as at the end of the cycle, or fewer.
  if (one_asks_ && waiting_ == 0 && free_ >= reserve_before(message.sequence) + message.keys.size())
    return issue(message.sequence, message.keys);
  query(message.sequence).waiting.push_back(message.keys);
  ++waiting_;
  ledger.set_waiting(now(), true);
}

// What queries older than `sequence` may still need.
std::uint64_t Prefetch::reserve_before(std::uint64_t sequence) const {
  std::uint64_t reserve = 0;
  for (std::uint64_t older = first_; older < sequence; ++older) reserve += still_needs(queries_[older - first_]);
  return reserve;
}

void Prefetch::drop(const RowMessage& message) {
  Query& owner = query(message.sequence);
  // Both are sorted.
  auto next = message.keys.begin();
  const auto passed = [&](const Row& row) {
    while (next != message.keys.end() && *next < row.key) ++next;
    return next != message.keys.end() && *next == row.key;
  };
  free_ += std::erase_if(owner.rows, passed);
  changed_ = true;
  if (owner.waiting.empty()) return;
  const auto dropped = [&](std::uint32_t key) {
    return std::binary_search(message.keys.begin(), message.keys.end(), key);
  };
  for (std::vector<std::uint32_t>& keys : owner.waiting) std::erase_if(keys, dropped);
  waiting_ -= std::erase_if(owner.waiting, [](const std::vector<std::uint32_t>& keys) { return keys.empty(); });
  ledger.set_waiting(now(), waiting_ > 0);
}

void Prefetch::done(const RowMessage& message) {
  Query& owner = query(message.sequence);
  free_ += owner.rows.size();
  owner.rows.clear();
  owner.done = true;
  while (!queries_.empty() && queries_.front().done) {
    queries_.pop_front();
    ++first_;
  }
  changed_ = true;
}

// Oldest query first, each one's bursts in order, stopping at the first that must wait. What older queries may still
// need is left for them, so that the oldest can always go on.
void Prefetch::issue_what_fits() {
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

void Prefetch::issue(std::uint64_t sequence, std::span<const std::uint32_t> keys) {
  Query& asker = query(sequence);
  const auto burst = static_cast<std::uint32_t>(asker.arrivals.size());
  const auto held = static_cast<std::ptrdiff_t>(asker.rows.size());
  for (const std::uint32_t key : keys) asker.rows.push_back({key, burst});
  std::sort(asker.rows.begin() + held, asker.rows.end(), [](const Row& a, const Row& b) { return a.key < b.key; });
  asker.arrivals.push_back(never);
  free_ -= keys.size();
  counts_.dram_access += 1;
  counts_.value_sram_write += 1;
  counts_.value_sram_write_byte += keys.size() * row_bytes_;
  counts_.dram_value_bytes += keys.size() * row_bytes_;
  if (dram_.logs()) {
    DramRequest what;
    what.head = asker.head;
    what.query = asker.number;
    what.keys.assign(keys.begin(), keys.end());
    dram_.announce(std::move(what));
  }
  const std::uint64_t tag = sequence << burst_bits | burst;
  if (const auto at = dram_.request(core_, DramTraffic::values, keys.size() * row_bytes_, tag, *this))
    granted(tag, *at);
}

void Prefetch::granted(std::uint64_t tag, Cycle at) {
  query(tag >> burst_bits).arrivals[tag & ((std::uint64_t{1} << burst_bits) - 1)] = at;
  ledger.busy_until(now(), at);
  if (reader_waits_) reader_->notify();
}

Cycle Prefetch::rows_there(std::uint64_t sequence) {
  const Query& asker = query(sequence);
  Cycle there = asker.waiting.empty() ? 0 : never;
  for (const Row& row : asker.rows) there = std::max(there, asker.arrivals[row.burst]);
  reader_waits_ = there == never;
  return there;
}

std::string Prefetch::state() const {
  return fmt::format("{}: {} bursts wait, {} slots free, {} queries unfinished", name(), waiting_, free_,
                     queries_.size());
}

}  // namespace capcam
