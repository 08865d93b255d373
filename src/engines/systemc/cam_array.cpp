// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/cam_array.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace capcam {

CamArray::CamArray(const sc_core::sc_module_name& name, Clock& clock, const Config& config, const Mapping& mapping,
                   const CellMismatch& cells, Fifo<ProgrammedTile>& tiles, Fifo<MatchCounts>& matches,
                   Fifo<QueryEvent>* searched, ActionCounts& counts)
    : Stage(name, clock),
      mapping_(mapping),
      mismatch_(cells),
      search_cycles_(config.array.search_cycles),
      tiles_(tiles),
      matches_(matches),
      searched_(searched),
      counts_(counts) {
  tiles.bind_reader_ahead(wake);
  matches.bind_writer(wake);
}

void CamArray::step() {
  for (;;) {
    if (!tiles_.has_token()) return;
    ProgrammedTile& tile = tiles_.front();
    if (!begun_) {
      begun_ = true;
      lane_ = 0;
      previous_ = tiles_.ready_at();
      program(tile);
    }
    const std::uint32_t first = mapping_.first_key(tile.job.tile);
    const auto lanes = static_cast<std::uint32_t>(tile.group->lanes.size());
    for (; lane_ < lanes; ++lane_) {
      if (!tile.group->lanes[lane_].valid.any(first, first + tile.job.keys)) continue;
      if (!matches_.can_push()) return;  // the converters say when they are free
      const Cycle settled = previous_ + search_cycles_;
      const Cycle taken = std::max(settled, matches_.free_from());
      search(tile, lane_, taken);
      ledger.work(previous_, settled, taken, {tile.group->head_index, tile.group->lanes[lane_].query, tile.job.tile});
      previous_ = taken;
    }
    if (tile.last_of_group && searched_ != nullptr) {
      searched_->next() = {QueryEvent::Kind::searched, tile.group};
      searched_->push(previous_);
    }
    tiles_.take();
    tiles_.release(previous_);
    begun_ = false;
  }
}

void CamArray::program(ProgrammedTile& tile) {
  if (tile.job.first_row == 0) return cells_.swap(tile.words);
  if (tile.words.empty()) return;
  cells_.resize(tile.job.first_row * (tile.words.size() / tile.job.rows()));
  cells_.insert(cells_.end(), tile.words.begin(), tile.words.end());
}

void CamArray::search(const ProgrammedTile& tile, std::uint32_t lane, Cycle taken) {
  const Segmentation& segmentation = mapping_.segmentation;
  MatchCounts& result = matches_.next();
  result.group = tile.group;
  result.lane = lane;
  result.tile = tile.job.tile;
  result.segment = tile.job.segment;
  result.matches.resize(tile.job.keys);
  const auto query = tile.group->head->query_bits.words(tile.group->lanes[lane].query, tile.job.segment);
  const std::uint32_t used = segmentation.used_columns(tile.job.segment);
  count_row_matches(query, cells_, used, result.matches);
  result.matching_cells.clear();
  for (std::uint32_t row = 0; mismatch_.row(0) != nullptr && row < tile.job.keys; ++row) {
    const std::span<const std::uint64_t> stored(cells_.data() + row * query.size(), query.size());
    result.matching_cells.push_back(sum_of_matching_cells(mismatch_.row(row), used, query, stored));
  }
  counts_.query_buffer_read += 1;
  counts_.cam_array_search += 1;
  counts_.search_line_drive += used;
  counts_.matchline_share += tile.job.keys;
  for (const std::uint32_t matching : result.matches) counts_.cam_array_match += matching;
  matches_.push(taken);
}

std::string CamArray::state() const {
  return fmt::format("{}: {} tiles waiting, {}", name(), tiles_.fill(),
                     begun_ ? fmt::format("searching for lane {}", lane_) : "no search");
}

}  // namespace capcam
