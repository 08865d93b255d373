// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/tile_selection.h"

#include <fmt/format.h>

#include <unordered_map>

#include "kernels/tile_selection.h"

namespace capcam::systemc {
namespace {

class TileSelectionModel final : public TileSelection {
 public:
  TileSelectionModel(const sc_core::sc_module_name& name, const Context& context);
  std::string state() const override;

 private:
  // A tile's scores for one query, as far as its segments have come.
  struct Partial {
    std::uint32_t segments = 0;         // segments added so far
    std::uint32_t array = 0, slot = 0;  // array and slot of the last segment
    std::vector<std::int32_t> scores;
  };
  void step() override;
  void add(std::uint32_t array, const Codes& token, Cycle there);
  void scale(const Codes& token, std::vector<std::int32_t>& scores, bool first) const;
  void select(const Codes& token, const Partial& partial, Cycle there);

  const Mapping& mapping_;
  std::vector<std::int32_t> score_of_code_;  // [segment]: what one step of the code adds to the score
  const ConfiguredTileSelection rule_;
  const Cycle scale_cycles_, select_cycles_;
  ActionCounts& counts_;
  std::unordered_map<std::uint64_t, Partial> partials_;  // tiles whose segments are not all there, by query and tile
  Partial whole_;
};

TileSelectionModel::TileSelectionModel(const sc_core::sc_module_name& name, const Context& context)
    : TileSelection(name, context),
      mapping_(context.mapping),
      rule_(context.config.top_n),
      scale_cycles_(context.times.scale),
      select_cycles_(context.times.select),
      counts_(context.counts) {
  for (std::uint32_t segment = 0; segment < mapping_.segmentation.segments(); ++segment)
    score_of_code_.push_back(context.sensing.score(segment, 1));
}

void TileSelectionModel::step() {
  for (int array = 0; array < codes.size(); ++array) {
    ReadIf<Codes>& from = *codes[array];
    for (const Codes* token = from.front(); token != nullptr; token = from.front()) {
      add(static_cast<std::uint32_t>(array), *token, from.ready_at());
      from.pop();
    }
  }
}

void TileSelectionModel::add(std::uint32_t array, const Codes& token, Cycle there) {
  const std::uint32_t segments = mapping_.segmentation.segments();
  const bool last_segment = token.segment + 1 == segments;
  const std::uint64_t key = token.query.sequence * mapping_.tiles + token.tile;
  Partial& partial = segments == 1 ? whole_ : partials_[key];
  if (segments == 1) partial.segments = 0;
  scale(token, partial.scores, partial.segments == 0);
  counts_.score_scaler_scale += token.codes.size();
  const Cycle work = scale_cycles_ + (last_segment ? select_cycles_ : 0);
  ledgers[array].work(there, there + work, last_segment ? token.slot : SlotLedger::no_slot,
                      token.query.activity(token.tile));
  if (last_segment) {
    partial.array = array;
    partial.slot = token.slot;
  }
  if (++partial.segments < segments) return;
  select(token, partial, there);
  if (segments > 1) partials_.erase(key);
}

void TileSelectionModel::scale(const Codes& token, std::vector<std::int32_t>& scores, bool first) const {
  const auto weight = static_cast<std::uint32_t>(score_of_code_[token.segment]);
  if (first) scores.assign(token.codes.size(), 0);
  for (std::size_t row = 0; row < token.codes.size(); ++row)
    scores[row] += static_cast<std::int32_t>(weight * token.codes[row]);
}

void TileSelectionModel::select(const Codes& token, const Partial& partial, Cycle there) {
  TileCandidates& result = candidates.next();
  result.query = token.query;
  result.tile = token.tile;
  result.array = partial.array;
  result.slot = partial.slot;
  result.candidates.clear();
  const auto rows = static_cast<std::uint32_t>(partial.scores.size());
  rule_(partial.scores, mapping_.keys_of(token.tile).part(0, rows), token.query.valid, result.candidates);
  counts_.tile_selector_select += 1;
  candidates->push(there + scale_cycles_ + select_cycles_);
}

std::string TileSelectionModel::state() const {
  return fmt::format("{}: {} tiles without all segments", name(), partials_.size());
}

}  // namespace

std::unique_ptr<TileSelection> model_tile_selection(const sc_core::sc_module_name& name, const Context& context) {
  return std::make_unique<TileSelectionModel>(name, context);
}

}  // namespace capcam::systemc
