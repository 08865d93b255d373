// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/key_programming.h"

#include <fmt/format.h>

#include <algorithm>

namespace capcam {

KeyProgramming::KeyProgramming(const sc_core::sc_module_name& name, Clock& clock, const Mapping& mapping,
                               std::uint32_t array, Fifo<Group*>& groups, Fifo<ProgrammedTile>& tiles,
                               KeyStream* stream, ActionCounts& counts)
    : Stage(name, clock),
      mapping_(mapping),
      array_(array),
      groups_(groups),
      tiles_(tiles),
      stream_(stream),
      counts_(counts) {
  groups.bind_reader(wake);
  tiles.bind_writer(wake);
}

void KeyProgramming::step() {
  for (;;) {
    if (group_ == nullptr) {
      if (!groups_.ready()) return wake_at(groups_.ready_at());
      group_ = groups_.front();
      entry_ = groups_.ready_at();
      next_job_ = 0;
      groups_.pop();
    }
    if (!tiles_.can_push()) return;  // the array is being searched; it says when it is free
    const Job& job = group_->jobs[array_][next_job_];
    Cycle start = std::max(entry_, tiles_.free_from());
    if (job.programs() && stream_ != nullptr) {
      const Cycle arrival = stream_->arrival(job.fetch);
      if (arrival == never) return;
      start = std::max(start, arrival);
    }
    program(job, start);
    if (++next_job_ == group_->jobs[array_].size()) group_ = nullptr;
  }
}

void KeyProgramming::program(const Job& job, Cycle start) {
  const Cycle cycles = mapping_.program_cycles(job.rows());
  ProgrammedTile& tile = tiles_.next();
  tile.group = group_;
  tile.job = job;
  tile.last_of_group = next_job_ + 1 == group_->jobs[array_].size();
  if (!job.programs()) tile.words.clear();
  if (job.programs()) {
    group_->head->key_bits.copy_rows(mapping_.first_key(job.tile) + job.first_row, job.rows(), job.segment, tile.words);
    counts_.key_sram_read += cycles;
    counts_.cam_array_program += cycles;
    counts_.cam_array_write_row += job.rows();
    counts_.cam_array_write_bit += std::uint64_t{job.rows()} * mapping_.segmentation.used_columns(job.segment);
    if (stream_ != nullptr) stream_->programmed(job.fetch, start + cycles);
  }
  ledger.wait_until(tiles_.free_from());
  ledger.work(start, start + cycles, start + cycles, {group_->head_index, group_->lanes.front().query, job.tile});
  tiles_.push(start + cycles);
}

std::string KeyProgramming::state() const {
  if (group_ == nullptr) return fmt::format("{}: no group", name());
  return fmt::format("{}: head {} query {}, job {} of {}", name(), group_->head_index, group_->lanes.front().query,
                     next_job_, group_->jobs[array_].size());
}

}  // namespace capcam
