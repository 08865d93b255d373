// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/resident_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace capcam::systemc {

ResidentValues::ResidentValues(const sc_core::sc_module_name& name, const Context& context)
    : Prefetch(name, context.clock),
      context_(context),
      cores_(context.config.accelerator.cores),
      queries_(context.workload.trace().shape.queries),
      rows_(context.mapping.loaded_keys(context.workload.valid_keys(context.workload.id(0)))),
      room_(std::max<std::uint64_t>(1, context.times.value_slots / context.mapping.keys)),
      head_index_(context.core) {}

std::string ResidentValues::state() const {
  if (memory.size() == 0) return fmt::format("{}: all rows are there", name());
  return fmt::format("{}: {} loads requested, {} under way, {} wait for room, {} over", name(), there_.size(),
                     under_way_, wanted_.size(), over_);
}

void ResidentValues::step() {
  if (memory.size() > 0) {
    want_loads();
    note_completions();
    for (; !wanted_.empty() && there_.size() - over_ < room_; wanted_.pop_front()) request(wanted_.front());
    note_answers();
  }
  hand_over();
}

bool ResidentValues::others_follow(std::uint32_t head) const {
  const std::uint64_t next = std::uint64_t{head} + cores_;
  return next < context_.workload.head_count() && !context_.workload.same_keys(head, static_cast<std::uint32_t>(next));
}

void ResidentValues::want_loads() {
  if (there_.empty() && wanted_.empty() && context_.core < context_.workload.head_count())
    wanted_.push_back(context_.core);
  for (const GroupEntry* g = entries->front(); g != nullptr; entries->pop(), g = entries->front()) {
    const QueryTag& first = g->queries.front();
    if (first.query == 0 && others_follow(first.head)) wanted_.push_back(first.head + cores_);
  }
}

void ResidentValues::note_completions() {
  for (const QueryDone* d = done->front(); d != nullptr; done->pop(), d = done->front()) {
    const auto head = static_cast<std::uint32_t>(context_.core + d->sequence / queries_ * cores_);
    if ((d->sequence + 1) % queries_ == 0 && others_follow(head)) ++over_;
  }
}

void ResidentValues::request(std::uint32_t head) {
  const std::uint64_t bytes = rows_ * context_.times.value_row_bytes;
  if (context_.dram_log != nullptr) {
    DramRequest what;
    what.cycle = static_cast<std::uint64_t>(now());
    what.core = context_.core;
    what.what = DramRequest::What::head_values;
    what.head = head;
    what.bytes = bytes;
    context_.dram_log->request(std::move(what));
  }
  ledger.set_under_way(now(), ++under_way_ > 0);
  const std::uint64_t tag = there_.size();
  there_.push_back(false);
  memory->request({context_.core, MemoryTraffic::values, tag, {{context_.layout.value_row(head, 0), bytes}}});
}

void ResidentValues::note_answers() {
  for (const MemoryAnswer* a = answers->front(); a != nullptr; answers->pop(), a = answers->front()) {
    there_.at(a->tag) = true;
    ledger.set_under_way(now(), --under_way_ > 0);
  }
}

// Follows the heads from the last query's to this one's, whose load may be another.
bool ResidentValues::there(const KeptRows& query) {
  for (; head_index_ != query.head; head_index_ += cores_) {
    if (others_follow(head_index_)) ++load_;
    head_ = nullptr;
  }
  return memory.size() == 0 || (load_ < there_.size() && there_[load_]);
}

void ResidentValues::hand_over() {
  while (const KeptRows* const query = kept->front()) {
    ValueRows* const result = rows->place();
    if (result == nullptr || !there(*query)) return;
    if (head_ == nullptr) head_ = context_.heads.get(query->head);
    result->sequence = query->sequence;
    result->keys = query->keys;
    result->values.clear();
    for (const std::uint32_t key : query->keys) {
      const std::span<const float> row = head_->value_row(key);
      result->values.insert(result->values.end(), row.begin(), row.end());
    }
    rows->push(std::max(now(), rows->free_from()));
    kept->pop();
  }
}

}  // namespace capcam::systemc
