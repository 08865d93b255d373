// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/contextualization.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "kernels/contextualization.h"

namespace capcam::systemc {
namespace {

class ContextualizationModel final : public Contextualization {
 public:
  ContextualizationModel(const sc_core::sc_module_name& name, const Context& context)
      : Contextualization(name, context.clock), times_(context.times), counts_(context.counts) {}
  std::string state() const override {
    return fmt::format("{}: {} weights, {} value rows waiting", name(), weights->ready_at() == never ? "no" : "some",
                       rows->ready_at() == never ? "no" : "some");
  }

 private:
  void step() override;
  void accumulate(const Weights& query, const ValueRows* there, Output& output);

  const ServiceTimes& times_;
  ActionCounts& counts_;
};

void ContextualizationModel::step() {
  for (;;) {
    const Weights* const query = weights->front();
    if (query == nullptr) return;
    const ValueRows* there = nullptr;
    if (!query->keys.empty()) {
      there = rows->front();
      if (there == nullptr) return;
    }
    Output* const output = outputs->place();
    if (output == nullptr) return;
    const Cycle end = now() + times_.accumulate(query->keys.size());
    accumulate(*query, there, *output);
    ledger.work(now(), end, end, query->query.activity());
    if (done.bound()) {
      done.next() = {query->query.sequence};
      done->push(end);
    }
    if (completed.bound()) {
      completed.next() = {query->query.sequence};
      completed->push(end);
    }
    outputs->push(end);
    if (there != nullptr) rows->take(end);
    weights->take(end);
  }
}

void ContextualizationModel::accumulate(const Weights& query, const ValueRows* there, Output& output) {
  const std::size_t kept = query.keys.size();
  output.head = query.query.head;
  output.query = query.query.query;
  output.selection = query.keys;
  output.values.assign(times_.value_dim, 0.0f);
  for (std::size_t i = 0; i < kept; ++i) {
    if (there->sequence != query.query.sequence || i >= there->keys.size() || there->keys[i] != query.keys[i].key)
      throw LawBroken(fmt::format("{}: head {} query {} weighs key {}, but its value row does not come", name(),
                                  output.head, output.query, query.keys[i].key));
    accumulate_value(query.weights[i], std::span(there->values).subspan(i * times_.value_dim, times_.value_dim),
                     output.values);
  }
  counts_.output_buffer_read += kept;
  counts_.value_sram_read += times_.issues(kept);
  counts_.value_mac_mac += kept * times_.value_dim;
}

}  // namespace

std::unique_ptr<Contextualization> model_contextualization(const sc_core::sc_module_name& name,
                                                           const Context& context) {
  return std::make_unique<ContextualizationModel>(name, context);
}

}  // namespace capcam::systemc
