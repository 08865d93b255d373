// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/softmax.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "kernels/softmax.h"

namespace capcam::systemc {
namespace {

class SoftmaxModel final : public Softmax {
 public:
  SoftmaxModel(const sc_core::sc_module_name& name, const Context& context)
      : Softmax(name, context.clock),
        format_(context.config.softmax.format),
        times_(context.times),
        sensing_(context.sensing),
        counts_(context.counts) {}
  std::string state() const override {
    return fmt::format("{}: {} selection waiting", name(), selections->ready_at() == never ? "no" : "a");
  }

 private:
  void step() override;
  void weigh(const Selection& selection, std::vector<float>& result);

  const NumberFormat format_;
  const ServiceTimes& times_;
  const capcam::Sensing& sensing_;
  ActionCounts& counts_;
  std::optional<ExpTable> table_;  // table of the layer whose score scale is table_scale_
  double table_scale_ = 0.0;
};

void SoftmaxModel::step() {
  const Selection* const selection = selections->front();
  if (selection == nullptr) return;
  Weights* const result = weights->place();
  if (result == nullptr) return;  // contextualization says when it is free
  const Cycle merged = selections->ready_at();
  const Cycle done = merged + times_.softmax(selection->keys.size());
  const Cycle leaves = std::max(done, weights->free_from());
  result->query = selection->query;
  result->keys = selection->keys;
  weigh(*selection, result->weights);
  normalization.work(selection->handover, done, leaves, selection->query.activity());
  softmax.work(merged, done, leaves, selection->query.activity());
  weights->push(leaves);
  selections->take(leaves);
}

void SoftmaxModel::weigh(const Selection& selection, std::vector<float>& result) {
  const std::size_t n = selection.keys.size();
  result.resize(n);
  counts_.exp_table_lookup += n;
  counts_.softmax_accumulator_add += n;
  counts_.softmax_divider_divide += n;
  counts_.output_buffer_write += 2 * n;
  if (n == 0) return;
  if (!table_ || table_scale_ != selection.query.score_scale) {
    table_scale_ = selection.query.score_scale;
    table_.emplace(format_, table_scale_, sensing_);
  }
  const float sum = exponentiate(*table_, selection.keys, result);
  divide(format_, sum, result);
}

}  // namespace

std::unique_ptr<Softmax> model_softmax(const sc_core::sc_module_name& name, const Context& context) {
  return std::make_unique<SoftmaxModel>(name, context);
}

}  // namespace capcam::systemc
