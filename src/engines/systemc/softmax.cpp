// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/softmax.h"

#include <fmt/format.h>

#include <algorithm>

namespace capcam {

SoftmaxStage::SoftmaxStage(const sc_core::sc_module_name& name, Clock& clock, const Config& config,
                           const Sensing& sensing, Fifo<Selection>& selections, Fifo<Weights>& weights,
                           ActionCounts& counts)
    : Stage(name, clock),
      params_(config.softmax),
      sensing_(sensing),
      selections_(selections),
      weights_(weights),
      counts_(counts) {
  selections.bind_reader(wake);
  weights.bind_writer(wake);
}

Cycle SoftmaxStage::service(std::size_t keys) const {
  if (keys == 0) return 0;
  const Cycle divisions = params_.pipelined_divider ? keys - 1 + params_.divide_cycles : keys * params_.divide_cycles;
  return keys * params_.lookup_cycles + divisions;
}

void SoftmaxStage::step() {
  if (!selections_.ready()) return wake_at(selections_.ready_at());
  if (!weights_.can_push()) return;  // V accumulation says when it is free
  const Selection& selection = selections_.front();
  const Cycle merged = selections_.ready_at();
  const Cycle done = merged + service(selection.keys.size());
  const Cycle leaves = std::max(done, weights_.free_from());

  Weights& result = weights_.next();
  result.group = selection.group;
  result.lane = selection.lane;
  result.keys = selection.keys;
  result.weights.resize(selection.keys.size());
  if (!selection.keys.empty()) {
    if (!table_ || table_scale_ != selection.group->head->score_scale) {
      table_scale_ = selection.group->head->score_scale;
      table_.emplace(params_.format, table_scale_, sensing_);
    }
    const float sum = exponentiate(*table_, selection.keys, result.weights);
    divide(params_.format, sum, result.weights);
  }
  const std::uint64_t n = selection.keys.size();
  counts_.exp_table_lookup += n;
  counts_.softmax_accumulator_add += n;
  counts_.softmax_divider_divide += n;
  counts_.output_buffer_write += 2 * n;

  const Activity activity{selection.group->head_index, selection.group->lanes[selection.lane].query, Activity::none};
  normalization.work(selection.handover, done, leaves, activity);
  softmax.work(merged, done, leaves, activity);
  weights_.push(leaves);
  selections_.take();
  selections_.release(leaves);
  wake_at(selections_.ready_at());
}

std::string SoftmaxStage::state() const {
  return fmt::format("{}: {} selections, {} weights waiting", name(), selections_.fill(), weights_.fill());
}

}  // namespace capcam
