// SPDX-License-Identifier: Apache-2.0
#include "systemc/prefetch.h"

#include <fmt/format.h>

#include <algorithm>

namespace capcam {

Prefetch::Prefetch(const sc_core::sc_module_name& name, const Clock& clock, const Config& config,
                   const Mapping& mapping, std::uint32_t value_dim, std::uint32_t core, Fifo<RowMessage>& fetches,
                   Fifo<RowMessage>& drops, Fifo<RowMessage>& done, Dram& dram, ActionCounts& counts)
    : Stage(name, clock), n_(config.top_n.n), core_(core),
      row_bytes_(std::uint64_t{value_dim} * (config.value.format == NumberFormat::bf16 ? 2 : 4)),
      one_asks_(mapping.queries_per_program == 1), fetches_(fetches), drops_(drops), done_(done), dram_(dram),
      counts_(counts), free_(std::uint64_t{config.memory.value_sram_kib} * 1024 / row_bytes_) {
  fetches.bind_reader(wake);
  drops.bind_reader(wake);
  done.bind_reader(wake);
}

void Prefetch::enter(std::uint64_t sequence) {
  if (queries_.empty()) first_ = sequence;
  queries_.emplace_back();
}

void Prefetch::step() {
  for (; drops_.ready(); drops_.pop()) drop(drops_.front());
  for (; done_.ready(); done_.pop()) done(done_.front());
  for (; fetches_.ready(); fetches_.pop()) fetch(fetches_.front());
  if (changed_ && waiting_ > 0) {
    // With nothing left over from before, a lone asker sees the same slots now as at the end of the cycle, or fewer.
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
  Query& asker = query(message.sequence);
  asker.waiting.push_back({bursts_++, message.keys, never});
  ++waiting_;
  changed_ = true;
  if (one_asks_ && waiting_ == 1) issue_what_fits();
  ledger.set_waiting(now(), waiting_ > 0);
}

void Prefetch::drop(const RowMessage& message) {
  Query& owner = query(message.sequence);
  const auto dropped = [&](std::uint32_t key) {  // message.keys are sorted
    return std::binary_search(message.keys.begin(), message.keys.end(), key);
  };
  for (Burst& burst : owner.issued) {
    const auto rows = static_cast<std::uint32_t>(std::erase_if(burst.keys, dropped));
    owner.held -= rows;
    free_ += rows;
  }
  for (Burst& burst : owner.waiting) std::erase_if(burst.keys, dropped);
  waiting_ -= std::erase_if(owner.waiting, [](const Burst& burst) { return burst.keys.empty(); });
  std::erase_if(owner.issued, [](const Burst& burst) { return burst.keys.empty(); });
  ledger.set_waiting(now(), waiting_ > 0);
  changed_ = true;
}

void Prefetch::done(const RowMessage& message) {
  Query& owner = query(message.sequence);
  free_ += owner.held;
  owner.done = true;
  while (!queries_.empty() && queries_.front().done) {
    queries_.pop_front();
    ++first_;
  }
  changed_ = true;
}

// Oldest query first, each one's bursts in order, stopping at the first that must wait. What older queries may still need
// is left for them, so that the oldest can always go on.
void Prefetch::issue_what_fits() {
  std::uint64_t reserve = 0;
  for (Query& asker : queries_) {
    while (!asker.waiting.empty()) {
      if (free_ < reserve + asker.waiting.front().keys.size()) {
        ledger.set_waiting(now(), true);
        return;
      }
      issue(asker);
    }
    reserve += n_ > asker.held ? n_ - asker.held : 0;
    if (waiting_ == 0) break;
  }
  ledger.set_waiting(now(), waiting_ > 0);
}

void Prefetch::issue(Query& asker) {
  asker.issued.push_back(std::move(asker.waiting.front()));
  asker.waiting.pop_front();
  --waiting_;
  Burst& burst = asker.issued.back();
  const std::uint64_t rows = burst.keys.size();
  free_ -= rows;
  asker.held += static_cast<std::uint32_t>(rows);
  counts_.dram_access += 1;
  counts_.value_sram_write += 1;
  counts_.dram_value_bytes += rows * row_bytes_;
  if (const auto at = dram_.request(core_, DramTraffic::values, rows * row_bytes_, burst.number, *this)) {
    burst.arrival = *at;
    ledger.busy_until(now(), *at);
  } else {
    for (std::size_t i = 0; i < queries_.size(); ++i)
      if (&queries_[i] == &asker) in_flight_.emplace_back(burst.number, first_ + i);
  }
  if (reader_waits_) reader_->notify();
}

void Prefetch::granted(std::uint64_t tag, Cycle at) {
  const auto found = std::find_if(in_flight_.begin(), in_flight_.end(), [&](const auto& f) { return f.first == tag; });
  for (Burst& burst : query(found->second).issued)
    if (burst.number == tag) burst.arrival = at;
  in_flight_.erase(found);
  ledger.busy_until(now(), at);
  if (reader_waits_) reader_->notify();
}

Cycle Prefetch::rows_there(std::uint64_t sequence) {
  const Query& asker = query(sequence);
  Cycle there = asker.waiting.empty() ? 0 : never;
  for (const Burst& burst : asker.issued) there = std::max(there, burst.arrival);
  reader_waits_ = there == never;
  return there;
}

std::string Prefetch::state() const {
  return fmt::format("{}: {} bursts wait, {} slots free, {} queries unfinished", name(), waiting_, free_,
                     queries_.size());
}

}  // namespace capcam
