// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/sensing.h"

#include <fmt/format.h>

#include <algorithm>

namespace capcam {

SensingStage::SensingStage(const sc_core::sc_module_name& name, Clock& clock, const Config& config,
                           const Mapping& mapping, const Sensing& sensing, const CellMismatch& cells,
                           const ConverterMismatch& converters, Fifo<MatchCounts>& matches, Slots& slots,
                           Fifo<Codes>& codes, ActionCounts& counts)
    : Stage(name, clock),
      mapping_(mapping),
      params_(config.sensing),
      ramp_wanted_(ramp_wanted(config.top_n.tile_k, mapping.segmentation.segments())),
      matches_(matches),
      slots_(slots),
      codes_(codes),
      counts_(counts) {
  matches.bind_reader_ahead(wake);
  slots.bind_taker(wake);
  for (std::uint32_t segment = 0; segment < mapping.segmentation.segments(); ++segment) {
    auto& codes_of_segment = code_of_.emplace_back();
    for (std::uint32_t m = 0; m <= mapping.segmentation.used_columns(segment); ++m)
      codes_of_segment.push_back(sensing.code(segment, m));
  }
  if (!RandomReadout::needed(config.sensing)) return;
  random_.emplace(config.sensing, mapping.segmentation, config.seed);
  for (std::uint32_t segment = 0; segment < mapping.segmentation.segments(); ++segment) {
    const SegmentReadout& readout = random_->segment(segment);
    auto& of_segment = rows_.emplace_back();
    for (std::uint32_t row = 0; row < mapping.rows; ++row)
      of_segment.push_back(
          readout.row(sum_of_cells(cells.row(row), readout.used), converters.offset(row), converters.thresholds(row)));
  }
}

void SensingStage::step() {
  while (matches_.has_token()) {
    const MatchCounts& sample = matches_.front();
    const auto rows = static_cast<std::uint32_t>(sample.matches.size());
    const bool last_segment = sample.segment + 1 == mapping_.segmentation.segments();
    if (last_segment && !slots_.can_take()) return;  // the register says when it has stored a result
    if (!last_segment && !matches_.ready()) return wake_at(matches_.ready_at());  // no slots say how far ahead
    Codes& result = codes_.next();
    result.codes.resize(rows);
    convert(sample, result.codes);
    const Cycle taken = matches_.ready_at();
    const Cycle converted = taken + conversion_of(sample, result.codes);
    Cycle leaves = converted;
    if (last_segment) {
      leaves = std::max(converted, slots_.free_from());
      result.slot = slots_.take();
    }
    result.group = sample.group;
    result.lane = sample.lane;
    result.tile = sample.tile;
    result.segment = sample.segment;
    ledger.work(taken, converted, leaves,
                {sample.group->head_index, sample.group->lanes[sample.lane].query, sample.tile});
    if (observer_ != nullptr) observer_->converted(leaves, result.codes);
    codes_.push(leaves);
    matches_.take();
    matches_.release(leaves);
  }
}

void SensingStage::convert(const MatchCounts& sample, std::vector<std::uint32_t>& codes) const {
  if (!random_) {
    const std::vector<std::uint32_t>& code_of = code_of_[sample.segment];
    for (std::size_t row = 0; row < codes.size(); ++row) codes[row] = code_of[sample.matches[row]];
    return;
  }
  const SegmentReadout& readout = random_->segment(sample.segment);
  const std::uint32_t head = sample.group->head->number, query = sample.group->lanes[sample.lane].query;
  for (std::uint32_t row = 0; row < codes.size(); ++row) {
    const std::int32_t matching_cells = sample.matching_cells.empty() ? 0 : sample.matching_cells[row];
    const float normal = random_->normal(head, query, mapping_.first_key(sample.tile) + row, sample.segment);
    codes[row] = readout.code(sample.matches[row], matching_cells, rows_[sample.segment][row], normal);
  }
}

Cycle SensingStage::conversion_of(const MatchCounts& sample, const std::vector<std::uint32_t>& codes) {
  const auto rows = static_cast<std::uint32_t>(codes.size());
  counts_.converter_convert += rows;
  if (params_.kind == SensingKind::ramp) {
    const ValidKeys& valid = sample.group->lanes[sample.lane].valid;
    const RampConversion ramp = ramp_conversion(codes, mapping_.first_key(sample.tile), valid, params_.bits,
                                                ramp_wanted_, params_.rows_per_converter);
    counts_.converter_ramp_step += ramp.steps;
    counts_.converter_compare += ramp.comparisons;
    return Cycle{params_.ramp_step_cycles} * ramp.steps;
  }
  const Cycle one = params_.kind == SensingKind::flash ? 1 : params_.conversion_cycles;
  return one * std::min(rows, params_.rows_per_converter);
}

std::string SensingStage::state() const { return fmt::format("{}: {} searches waiting", name(), matches_.fill()); }

}  // namespace capcam
