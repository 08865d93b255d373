// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/key_stream.h"

#include <fmt/format.h>

#include <algorithm>

namespace capcam {

KeyStream::KeyStream(const sc_core::sc_module_name& name, Clock& clock, const Config& config, const Mapping& mapping,
                     std::uint32_t core, GroupSource& groups, Dram& dram, ActionCounts& counts)
    : Stage(name, clock), mapping_(mapping), core_(core), groups_(groups), dram_(dram), counts_(counts) {
  const std::uint64_t columns = std::min(mapping.segmentation.columns, mapping.segmentation.head_dim);
  const std::uint64_t tile_bytes = (std::uint64_t{mapping.rows} * columns + 7) / 8;
  depth_ = std::max<std::uint64_t>(1, std::uint64_t{config.memory.key_sram_kib} * 1024 / tile_bytes);
}

Cycle KeyStream::arrival(std::uint64_t fetch) const {
  return fetch >= first_kept_ + fetches_.size() ? never : fetches_[fetch - first_kept_].arrival;
}

void KeyStream::programmed(std::uint64_t fetch, Cycle end) {
  fetches_[fetch - first_kept_].programmed = end;
  wake_at(end);
}

bool KeyStream::know(std::uint64_t fetch) {
  while (fetch >= first_kept_ + fetches_.size()) {
    const Group* group = groups_.at(groups_seen_);
    if (group == nullptr) return false;
    ++groups_seen_;
    std::vector<std::pair<std::uint64_t, Fetch>> order;  // by running number
    for (const std::vector<Job>& jobs : group->jobs) {
      for (const Job& job : jobs) {
        if (!job.programs()) continue;
        const std::uint64_t bits = std::uint64_t{job.rows()} * mapping_.segmentation.used_columns(job.segment);
        order.emplace_back(job.fetch, Fetch{(bits + 7) / 8, group->head_index, job.tile, job.segment, job.first_row});
        counts_.key_sram_write += mapping_.program_cycles(job.rows());
      }
    }
    std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [number, known] : order) fetches_.push_back(known);
  }
  return true;
}

void KeyStream::step() {
  while (know(requested_)) {
    if (requested_ >= depth_) {
      const std::uint64_t frees = requested_ - depth_;
      const Cycle free_from = fetches_[frees - first_kept_].programmed;
      if (free_from == never) return;
      if (free_from > now()) {
        wake_at(free_from);
        return;
      }
      while (first_kept_ < frees) {
        fetches_.pop_front();
        ++first_kept_;
      }
    }
    const std::uint64_t tag = requested_++;
    const Fetch& fetch = fetches_[tag - first_kept_];
    const std::uint64_t bytes = fetch.bytes;
    counts_.dram_key_bytes += bytes;
    if (dram_.logs()) {
      DramRequest what;
      what.what = DramRequest::What::tile_keys;
      what.head = fetch.head;
      what.tile = fetch.tile;
      what.segment = fetch.segment;
      what.first_row = fetch.first_row;
      dram_.announce(std::move(what));
    }
    if (const auto at = dram_.request(core_, DramTraffic::keys, bytes, tag, *this)) granted(tag, *at);
  }
}

void KeyStream::granted(std::uint64_t tag, Cycle at) {
  fetches_[tag - first_kept_].arrival = at;
  for (sc_core::sc_event* reader : readers_) reader->notify();
}

std::string KeyStream::state() const {
  return fmt::format("{}: {} fetches requested, {} places", name(), requested_, depth_);
}

}  // namespace capcam
