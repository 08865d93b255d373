// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/key_stream.h"

#include <fmt/format.h>

#include <algorithm>

namespace capcam::systemc {

KeyStream::KeyStream(const sc_core::sc_module_name& name, const Context& context)
    : Module(name, context.clock),
      context_(context),
      mapping_(context.mapping),
      depth_(context.times.fetch_depth),
      schedule_(context.workload, context.heads, context.mapping, context.core, context.config.accelerator.cores),
      to_send_(context.mapping.arrays) {
  sensitive << answers.written() << keys.freed() << used.written();
}

void KeyStream::step() {
  note_events();
  while (know(requested_) && room_for(requested_)) request(requested_++);
  send();
}

void KeyStream::note_events() {
  for (const MemoryAnswer* a = answers->front(); a != nullptr; answers->pop(), a = answers->front())
    fetch(a->tag).there = true;
  for (int array = 0; array < used.size(); ++array) {
    ReadIf<StreamedKeysUsed>& from = *used[array];
    for (const StreamedKeysUsed* u = from.front(); u != nullptr; from.pop(), u = from.front())
      fetch(u->fetch).used = true;
  }
}

KeyStream::Fetch& KeyStream::fetch(std::uint64_t number) {
  if (number < first_kept_ || number - first_kept_ >= fetches_.size())
    throw LawBroken(fmt::format("{}: fetch {} is not under way", name(), number));
  return fetches_[number - first_kept_];
}

bool KeyStream::know(std::uint64_t number) {
  while (number >= first_kept_ + fetches_.size()) {
    const Group* const group = schedule_.next();
    if (group == nullptr) return false;
    std::vector<Fetch> order;
    for (std::uint32_t array = 0; array < group->jobs.size(); ++array) {
      for (const Job& job : group->jobs[array]) {
        if (job.programs()) order.push_back({group->head, group->head_index, array, job});
      }
    }
    std::sort(order.begin(), order.end(), [](const Fetch& a, const Fetch& b) { return a.job.fetch < b.job.fetch; });
    fetches_.insert(fetches_.end(), order.begin(), order.end());
    schedule_.advance();
  }
  return true;
}

// The place of the fetch `depth_` before this one must have been used.
bool KeyStream::room_for(std::uint64_t number) {
  if (number < depth_) return true;
  if (!fetch(number - depth_).used) return false;
  for (; first_kept_ < number - depth_; ++first_kept_) fetches_.pop_front();
  return true;
}

void KeyStream::request(std::uint64_t number) {
  const Fetch& next = fetch(number);
  const Job& job = next.job;
  const std::uint64_t bits = std::uint64_t{job.rows()} * mapping_.segmentation.used_columns(job.segment);
  const std::uint64_t bytes = (bits + 7) / 8;
  context_.counts.dram_key_bytes += bytes;
  context_.counts.key_sram_write += mapping_.program_cycles(job.rows());
  if (context_.dram_log != nullptr) {
    DramRequest what;
    what.cycle = static_cast<std::uint64_t>(now());
    what.core = context_.core;
    what.what = DramRequest::What::tile_keys;
    what.head = next.head_index;
    what.tile = job.tile;
    what.segment = job.segment;
    what.first_row = job.first_row;
    what.bytes = bytes;
    context_.dram_log->request(std::move(what));
  }
  to_send_[next.array].push_back(number);
  const std::uint64_t address = context_.layout.keys_of_tile(next.head_index, job.tile, job.segment, job.first_row);
  memory->request({context_.core, MemoryTraffic::keys, number, {{address, bytes}}});
}

// Each array gets its rows in the order of its jobs.
void KeyStream::send() {
  for (std::size_t array = 0; array < to_send_.size(); ++array) {
    for (std::deque<std::uint64_t>& numbers = to_send_[array]; !numbers.empty(); numbers.pop_front()) {
      const Fetch& next = fetch(numbers.front());
      if (!next.there) break;
      StreamedKeys* const rows = keys[static_cast<int>(array)]->place();
      if (rows == nullptr) break;
      rows->fetch = next.job.fetch;
      next.head->key_bits.copy_rows(mapping_.keys_of(next.job.tile).part(next.job.first_row, next.job.rows()),
                                    next.job.segment, rows->words);
      keys[static_cast<int>(array)]->push(now());
    }
  }
}

std::string KeyStream::state() const {
  return fmt::format("{}: {} fetches requested, {} places", name(), requested_, depth_);
}

}  // namespace capcam::systemc
