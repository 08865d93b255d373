// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/value_accumulate.h"

#include <fmt/format.h>

#include <algorithm>

#include "kernels/value_accumulate.h"

namespace capcam {

ValueAccumulate::ValueAccumulate(const sc_core::sc_module_name& name, Clock& clock, const Config& config,
                                 std::uint32_t value_dim, Fifo<Weights>& weights, Prefetch* prefetch,
                                 Fifo<RowMessage>& done, GroupSource& groups, ResultSink& sink,
                                 std::vector<HeadStats>& heads, ActionCounts& counts, Fifo<QueryEvent>* completed)
    : Stage(name, clock),
      params_(config.value),
      value_dim_(value_dim),
      weights_(weights),
      prefetch_(prefetch),
      done_(done),
      groups_(groups),
      sink_(sink),
      heads_(heads),
      counts_(counts),
      completed_events_(completed),
      output_(value_dim) {
  weights.bind_reader(wake);
  done.bind_writer(wake);
  if (prefetch != nullptr) prefetch->bind_waiting_reader(wake);
}

void ValueAccumulate::step() {
  for (;;) {
    if (completes_ == never) {
      if (!weights_.ready()) return wake_at(weights_.ready_at());
      const Weights& weights = weights_.front();
      Cycle start = weights_.ready_at();
      if (prefetch_ != nullptr && !weights.keys.empty()) {
        const Cycle there = prefetch_->rows_there(weights.group->sequence(weights.lane));
        if (there == never) return;  // the prefetch says when it is known
        start = std::max(start, there);
      }
      begin(start);
    }
    if (completes_ > now()) return wake_at(completes_);
    complete();
  }
}

void ValueAccumulate::begin(Cycle start) {
  std::swap(current_, weights_.front());
  const Weights& weights = current_;
  const std::uint64_t macs = weights.keys.size() * std::uint64_t{value_dim_};
  const std::uint64_t issues = (macs + params_.lanes - 1) / params_.lanes;
  completes_ = start;
  if (issues > 0) completes_ += params_.pipelined_mac ? issues + params_.mac_cycles : issues * params_.mac_cycles;
  std::fill(output_.begin(), output_.end(), 0.0f);
  for (std::size_t i = 0; i < weights.keys.size(); ++i)
    accumulate_value(weights.weights[i], weights.group->head->value_row(weights.keys[i].key), output_);
  counts_.output_buffer_read += weights.keys.size();
  counts_.value_sram_read += issues;
  counts_.value_mac_mac += macs;
  ledger.work(start, completes_, completes_,
              {weights.group->head_index, weights.group->lanes[weights.lane].query, Activity::none});
  weights_.take();
  weights_.release(completes_);
}

void ValueAccumulate::complete() {
  const Weights& weights = current_;
  Group& group = *weights.group;
  const Cycle at = completes_;
  completes_ = never;
  if (prefetch_ != nullptr) {
    RowMessage& message = done_.next();
    message.kind = RowMessage::Kind::done;
    message.sequence = group.sequence(weights.lane);
    done_.push(at);
  }
  if (completed_events_ != nullptr) {
    completed_events_->next() = {QueryEvent::Kind::completed, &group};
    completed_events_->push(at);
  }
  if (completed_++ == 0) first_completion_ = at;
  last_completion_ = at;
  HeadStats& head = heads_[group.head_index];
  head.last_cycle = at;
  if (weights.keys.empty()) ++head.empty_queries;
  const std::uint32_t query = group.lanes[weights.lane].query;
  sink_.take({group.head_index, query, weights.keys, output_});
  sink_.completed(group.head_index, query, at);
  if (sink_.stop_requested()) sc_core::sc_stop();
  groups_.query_done(group);
}

std::string ValueAccumulate::state() const {
  return fmt::format("{}: {} queries completed, {} waiting", name(), completed_, weights_.fill());
}

}  // namespace capcam
