// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/key_programming.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace capcam::systemc {
namespace {

class KeyProgrammingModel final : public KeyProgramming {
 public:
  KeyProgrammingModel(const sc_core::sc_module_name& name, const Context& context)
      : KeyProgramming(name, context.clock), mapping_(context.mapping), counts_(context.counts) {}
  std::string state() const override;

 private:
  void step() override;
  void program(ProgrammedTile& tile, const Job& job, Cycle start);

  const Mapping& mapping_;
  ActionCounts& counts_;
  ArrayWork work_;            // jobs of the group that is being done
  std::size_t next_job_ = 0;  // the next of its jobs; if all of them are done, the next group is awaited
  Cycle entry_ = 0;
};

void KeyProgrammingModel::step() {
  for (;;) {
    if (next_job_ == work_.jobs.size()) {
      ArrayWork* const next = work->front();
      if (next == nullptr) return;
      entry_ = work->ready_at();
      std::swap(work_, *next);
      next_job_ = 0;
      work->pop();
    }
    ProgrammedTile* const tile = tiles->place();
    if (tile == nullptr) return;  // the array is being searched; it says when it is free
    const Job& job = work_.jobs[next_job_];
    Cycle start = std::max(entry_, tiles->free_from());
    if (job.programs() && keys.bound()) {
      if (keys->front() == nullptr) return;
      start = std::max(start, keys->ready_at());
    }
    program(*tile, job, start);
    ++next_job_;
  }
}

void KeyProgrammingModel::program(ProgrammedTile& tile, const Job& job, Cycle start) {
  const Cycle end = start + mapping_.program_cycles(job.rows());
  tile.job = job;
  tile.last_of_group = next_job_ + 1 == work_.jobs.size();
  tile.words.clear();
  if (job.programs()) {
    if (keys.bound()) {
      StreamedKeys& streamed = *keys->front();
      if (streamed.fetch != job.fetch)
        throw LawBroken(fmt::format("{}: the keys of fetch {} come for fetch {}", name(), streamed.fetch, job.fetch));
      std::swap(tile.words, streamed.words);
      keys->pop();
      used.next() = {job.fetch};
      used->push(end);
    } else {
      work_.keys->copy_rows(mapping_.keys_of(job.tile).part(job.first_row, job.rows()), job.segment, tile.words);
    }
    counts_.key_sram_read += static_cast<std::uint64_t>(end - start);
    counts_.cam_array_program += static_cast<std::uint64_t>(end - start);
    counts_.cam_array_write_row += job.rows();
    counts_.cam_array_write_bit += std::uint64_t{job.rows()} * mapping_.segmentation.used_columns(job.segment);
  }
  ledger.wait_until(tiles->free_from());
  ledger.work(start, end, end, {work_.head, work_.query, job.tile});
  tiles->push(end);
}

std::string KeyProgrammingModel::state() const {
  if (next_job_ == work_.jobs.size()) return fmt::format("{}: no group", name());
  return fmt::format("{}: head {} query {}, job {} of {}", name(), work_.head, work_.query, next_job_,
                     work_.jobs.size());
}

}  // namespace

std::unique_ptr<KeyProgramming> model_key_programming(const sc_core::sc_module_name& name, const Context& context) {
  return std::make_unique<KeyProgrammingModel>(name, context);
}

}  // namespace capcam::systemc
