// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/sensing.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "engines/systemc/mismatch.h"
#include "kernels/conversions.h"

namespace capcam::systemc {
namespace {

class SensingModel final : public Sensing {
 public:
  SensingModel(const sc_core::sc_module_name& name, const Context& context);
  std::string state() const override;

 private:
  void step() override;
  void convert(const MatchCounts& sample, std::vector<std::uint32_t>& result) const;
  // Returns how long the conversion takes, and counts its actions.
  Cycle conversion_of(const MatchCounts& sample, const std::vector<std::uint32_t>& result);

  const Mapping& mapping_;
  const Conversions conversions_;
  const ConverterMismatch converters_;
  ActionCounts& counts_;
  std::vector<std::vector<std::uint32_t>> code_of_;  // [segment][matches]
  std::optional<RandomReadout> random_;              // is present if codes do not depend on the match count alone
  std::vector<std::vector<RowReadout>> rows_;        // [segment][row]
};

SensingModel::SensingModel(const sc_core::sc_module_name& name, const Context& context)
    : Sensing(name, context.clock),
      mapping_(context.mapping),
      conversions_(context.config, context.mapping.segmentation.segments()),
      converters_(converters_of(context)),
      counts_(context.counts) {
  for (std::uint32_t segment = 0; segment < mapping_.segmentation.segments(); ++segment) {
    auto& codes_of_segment = code_of_.emplace_back();
    for (std::uint32_t m = 0; m <= mapping_.segmentation.used_columns(segment); ++m)
      codes_of_segment.push_back(context.sensing.code(segment, m));
  }
  if (!RandomReadout::needed(context.config)) return;
  random_.emplace(context.config, mapping_.segmentation);
  const CellMismatch cells = cells_of(context);
  for (std::uint32_t segment = 0; segment < mapping_.segmentation.segments(); ++segment) {
    auto& of_segment = rows_.emplace_back();
    for (std::uint32_t row = 0; row < mapping_.rows; ++row)
      of_segment.push_back(random_->row(segment, row, cells, converters_));
  }
}

void SensingModel::step() {
  while (const MatchCounts* const sample = matches->front()) {
    const bool last_segment = sample->segment + 1 == mapping_.segmentation.segments();
    if (last_segment && !slots->can_take()) return;  // the register says when it has stored a result
    Codes* const result = codes->place();
    if (result == nullptr) return;
    convert(*sample, result->codes);
    const Cycle taken = matches->ready_at();
    const Cycle converted = taken + conversion_of(*sample, result->codes);
    Cycle leaves = std::max(converted, now());
    if (last_segment) {
      leaves = std::max(leaves, slots->free_from());
      result->slot = slots->take();
    }
    result->query = sample->query;
    result->tile = sample->tile;
    result->segment = sample->segment;
    ledger.work(taken, converted, leaves, sample->query.activity(sample->tile));
    if (observer_ != nullptr) observer_->converted(leaves, result->codes);
    codes->push(leaves);
    matches->take(leaves);
  }
}

void SensingModel::convert(const MatchCounts& sample, std::vector<std::uint32_t>& result) const {
  result.resize(sample.matches.size());
  if (!random_) {
    const std::vector<std::uint32_t>& code_of = code_of_[sample.segment];
    for (std::size_t row = 0; row < result.size(); ++row) result[row] = code_of[sample.matches[row]];
    return;
  }
  const SegmentReadout& readout = random_->segment(sample.segment);
  const TileKeys keys = mapping_.keys_of(sample.tile);
  for (std::uint32_t row = 0; row < result.size(); ++row) {
    const std::int32_t matching_cells = sample.matching_cells.empty() ? 0 : sample.matching_cells[row];
    const float normal = random_->normal(sample.query.head_number, sample.query.query, keys[row], sample.segment);
    result[row] = readout.code(sample.matches[row], matching_cells, rows_[sample.segment][row], normal);
  }
}

Cycle SensingModel::conversion_of(const MatchCounts& sample, const std::vector<std::uint32_t>& result) {
  const Conversion conversion = conversions_.of_codes(result, mapping_.keys_of(sample.tile), sample.query.valid);
  counts_.converter_convert += result.size();
  counts_.converter_ramp_step += conversion.steps;
  counts_.converter_compare += conversion.comparisons;
  return static_cast<Cycle>(conversion.cycles);
}

std::string SensingModel::state() const {
  return fmt::format("{}: {} search waiting", name(), matches->ready_at() == never ? "no" : "a");
}

}  // namespace

std::unique_ptr<Sensing> model_sensing(const sc_core::sc_module_name& name, const Context& context) {
  return std::make_unique<SensingModel>(name, context);
}

}  // namespace capcam::systemc
