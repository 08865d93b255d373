// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/cam_array.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "engines/systemc/mismatch.h"

namespace capcam::systemc {
namespace {

class CamArrayModel final : public CamArray {
 public:
  CamArrayModel(const sc_core::sc_module_name& name, const Context& context)
      : CamArray(name, context.clock),
        mapping_(context.mapping),
        mismatch_(cells_of(context)),
        couples_(context.config.sensing.circuit.cell_circuit == CellCircuit::coupling),
        search_cycles_(context.times.search),
        counts_(context.counts) {}
  std::string state() const override;

 private:
  void step() override;
  void program(ProgrammedTile& tile);
  void search(const Job& job, const ArrayQueries::Query& query, MatchCounts& result);

  const Mapping& mapping_;
  const CellMismatch mismatch_;
  const bool couples_;
  const Cycle search_cycles_;
  ActionCounts& counts_;
  std::vector<std::uint64_t> cells_;  // the keys programmed
  bool begun_ = false;                // the tile in front
  std::size_t lane_ = 0;
  Cycle previous_ = 0;  // when programming ended, or the last result was taken
};

void CamArrayModel::step() {
  for (;;) {
    ProgrammedTile* const tile = tiles->front();
    if (tile == nullptr) return;
    if (!begun_) {
      begun_ = true;
      lane_ = 0;
      previous_ = tiles->ready_at();
      program(*tile);
    }
    const ArrayQueries* const group = queries->front();
    if (group == nullptr) throw LawBroken(fmt::format("{}: a tile is there before its queries", name()));
    const TileKeys keys = mapping_.keys_of(tile->job.tile).part(0, tile->job.keys);
    for (; lane_ < group->queries.size(); ++lane_) {
      const ArrayQueries::Query& query = group->queries[lane_];
      if (!query.tag.valid.any(keys)) continue;
      MatchCounts* const result = matches->place();
      if (result == nullptr) return;  // the converters say when they are free
      const Cycle settled = previous_ + search_cycles_;
      const Cycle taken = std::max(settled, matches->free_from());
      search(tile->job, query, *result);
      matches->push(taken);
      ledger.work(previous_, settled, taken, query.tag.activity(tile->job.tile));
      previous_ = taken;
    }
    if (tile->last_of_group) {
      if (searched.bound()) {
        searched.next() = {group->queries.front().tag.head};
        searched->push(previous_);
      }
      queries->take(previous_);
    }
    begun_ = false;
    tiles->take(previous_);
  }
}

void CamArrayModel::program(ProgrammedTile& tile) {
  if (tile.job.first_row == 0) return cells_.swap(tile.words);
  if (tile.words.empty()) return;
  cells_.resize(tile.job.first_row * (tile.words.size() / tile.job.rows()));
  cells_.insert(cells_.end(), tile.words.begin(), tile.words.end());
}

void CamArrayModel::search(const Job& job, const ArrayQueries::Query& query, MatchCounts& result) {
  result.query = query.tag;
  result.tile = job.tile;
  result.segment = job.segment;
  result.matches.resize(job.keys);
  const std::size_t words = mapping_.segmentation.words_per_segment();
  const auto bits = std::span(query.words).subspan(job.segment * words, words);
  const std::uint32_t used = mapping_.segmentation.used_columns(job.segment);
  count_row_matches(bits, cells_, used, result.matches);
  result.matching_cells.clear();
  for (std::uint32_t row = 0; mismatch_.row(0) != nullptr && row < job.keys; ++row) {
    const std::span<const std::uint64_t> stored(cells_.data() + row * words, words);
    result.matching_cells.push_back(sum_of_matching_cells(mismatch_.row(row, job.segment), used, bits, stored));
  }
  counts_.query_buffer_read += 1;
  counts_.cam_array_search += 1;
  counts_.search_line_drive += used;
  counts_.matchline_share += job.keys;
  for (const std::uint32_t matching : result.matches) {
    counts_.cam_array_match += matching;
    counts_.cam_array_mismatch += used - matching;
    if (couples_) counts_.cam_array_pair += std::uint64_t{matching} * (used - matching);
  }
}

std::string CamArrayModel::state() const {
  return begun_ ? fmt::format("{}: searching for lane {}", name(), lane_) : fmt::format("{}: no search", name());
}

}  // namespace

std::unique_ptr<CamArray> model_cam_array(const sc_core::sc_module_name& name, const Context& context) {
  return std::make_unique<CamArrayModel>(name, context);
}

}  // namespace capcam::systemc
