// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/tile_selection.h"

#include <fmt/format.h>

#include <algorithm>

namespace capcam {

TileSelection::TileSelection(const sc_core::sc_module_name& name, Clock& clock, const Config& config,
                             const Mapping& mapping, const Sensing& sensing, std::vector<Fifo<Codes>*> codes,
                             const std::vector<Slots*>& slots, Fifo<TileCandidates>& candidates, ActionCounts& counts)
    : Stage(name, clock),
      ledgers(codes.size()),
      mapping_(mapping),
      tile_k_(config.top_n.tile_k),
      scale_cycles_(config.score.scale_cycles),
      select_cycles_(Cycle{config.top_n.tile_cycles} + config.top_n.register_cycles),
      codes_(std::move(codes)),
      candidates_(candidates),
      counts_(counts) {
  for (std::uint32_t segment = 0; segment < mapping.segmentation.segments(); ++segment)
    score_of_code_.push_back(sensing.score(segment, 1));
  // What comes next of several arrays is known only when it is there.
  for (Fifo<Codes>* fifo : codes_) codes_.size() == 1 ? fifo->bind_reader_ahead(wake) : fifo->bind_reader(wake);
  for (std::size_t array = 0; array < slots.size(); ++array) slots[array]->charge(ledgers[array]);
}

void TileSelection::step() {
  Cycle next = never;
  for (std::uint32_t array = 0; array < codes_.size(); ++array) {
    Fifo<Codes>& codes = *codes_[array];
    while (codes_.size() == 1 ? codes.has_token() : codes.ready()) {
      const Cycle there = codes.ready_at();
      add(array, codes.front(), there);
      codes.take();
      codes.release(there);
    }
    next = std::min(next, codes_[array]->ready_at());
  }
  wake_at(next);
}

void TileSelection::add(std::uint32_t array, const Codes& codes, Cycle there) {
  const std::uint32_t segments = mapping_.segmentation.segments();
  const bool last_segment = codes.segment + 1 == segments;
  const std::uint64_t key = codes.group->sequence(codes.lane) * mapping_.tiles + codes.tile;
  Partial& partial = segments == 1 ? whole_ : partials_[key];
  if (segments == 1) partial.segments = 0;
  const std::size_t rows = codes.codes.size();
  const auto weight = static_cast<std::uint32_t>(score_of_code_[codes.segment]);
  if (partial.segments == 0) {
    partial.scores.resize(rows);
    for (std::size_t row = 0; row < rows; ++row)
      partial.scores[row] = static_cast<std::int32_t>(weight * codes.codes[row]);
  } else {
    for (std::size_t row = 0; row < rows; ++row)
      partial.scores[row] += static_cast<std::int32_t>(weight * codes.codes[row]);
  }
  counts_.score_scaler_scale += rows;
  const Cycle work = scale_cycles_ + (last_segment ? select_cycles_ : 0);
  ledgers[array].work(there, there + work, last_segment ? codes.slot : SlotLedger::no_slot,
                      {codes.group->head_index, codes.group->lanes[codes.lane].query, codes.tile});
  if (last_segment) {
    partial.array = array;
    partial.slot = codes.slot;
  }
  if (++partial.segments < segments) return;
  select(codes, partial, there);
  if (segments > 1) partials_.erase(key);
}

void TileSelection::select(const Codes& codes, const Partial& partial, Cycle there) {
  TileCandidates& result = candidates_.next();
  result.group = codes.group;
  result.lane = codes.lane;
  result.tile = codes.tile;
  result.array = partial.array;
  result.slot = partial.slot;
  result.candidates.clear();
  best_of_tile(partial.scores, mapping_.first_key(codes.tile), codes.group->lanes[codes.lane].valid, tile_k_,
               result.candidates);
  counts_.tile_selector_select += 1;
  candidates_.push(there + scale_cycles_ + select_cycles_);
}

std::string TileSelection::state() const {
  return fmt::format("{}: {} results waiting for the register, {} tiles without all segments", name(),
                     candidates_.fill(), partials_.size());
}

}  // namespace capcam
