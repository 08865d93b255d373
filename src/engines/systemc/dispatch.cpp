// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/dispatch.h"

#include <fmt/format.h>

#include <algorithm>

namespace capcam::systemc {

Dispatch::Dispatch(const sc_core::sc_module_name& name, const Context& context, std::vector<HeadStats>& heads)
    : Module(name, context.clock),
      context_(context),
      mapping_(context.mapping),
      cores_(context.config.accelerator.cores),
      overlap_(context.config.pipeline.query_overlap),
      keys_fit_(context.mapping.keys_fit(context.config.memory, 1)),
      two_heads_fit_(context.mapping.keys_fit(context.config.memory, 2)),
      schedule_(context.workload, context.heads, context.mapping, context.core, cores_),
      heads_(heads) {
  sensitive << searched.written() << progress.written() << completed.written() << answers.written();
}

void Dispatch::step() {
  if (memory.size() > 0 && keys_there_.empty() && schedule_.next() != nullptr) load_keys(context_.core);
  note_events();
  for (const Group* group = schedule_.next(); group != nullptr && may_enter(*group); group = schedule_.next()) {
    enter(*group);
    schedule_.advance();
  }
}

void Dispatch::note_events() {
  if (answers.bound()) {
    for (const MemoryAnswer* a = answers->front(); a != nullptr; answers->pop(), a = answers->front())
      keys_there_.at(a->tag) = true;
  }
  for (int array = 0; array < searched.size(); ++array) {
    for (const GroupSearched* g = searched[array]->front(); g != nullptr; g = searched[array]->front()) {
      check(searching_ > 0 && !in_association_.empty() && g->head == in_association_.back(), "a search of no group");
      --searching_;
      searched[array]->pop();
    }
  }
  if (completed.bound()) {
    for (const QueryDone* q = completed->front(); q != nullptr; completed->pop(), q = completed->front())
      check(q->sequence == completed_queries_++, "a query that is not the next to be complete");
  }
  for (const GroupProgress* p = progress->front(); p != nullptr; progress->pop(), p = progress->front()) {
    if (p->kind == GroupProgress::Kind::head_drained) {
      check(std::find(in_association_.begin(), in_association_.end(), p->head) != in_association_.end(),
            "the drain of no group");
      if (!two_heads_fit_) load_keys_after(p->head);
      continue;
    }
    check(!in_association_.empty() && p->head == in_association_.front(), "the handover of no group");
    ++handed_over_;
    in_association_.pop_front();
  }
}

void Dispatch::check(bool law, const char* what) const {
  if (!law) throw LawBroken(fmt::format("{}: is told of {}", name(), what));
}

bool Dispatch::may_enter(const Group& group) const {
  if (group.needs_keys && memory.size() > 0 && (loads_used_ == keys_there_.size() || !keys_there_[loads_used_]))
    return false;
  // A step of a decoder begins with what the one before it put out.
  if (completed.bound() && !group.first_of_head && completed_queries_ < entered_) return false;
  if (!overlap_) return handed_over_ == entered_;
  return searching_ == 0 && handed_over_ + 1 >= entered_;  // at most two groups are in association
}

void Dispatch::enter(const Group& group) {
  ++entered_;
  in_association_.push_back(group.head_index);
  if (group.needs_keys && memory.size() > 0) ++loads_used_;
  if (group.needs_keys) count_loads(group.head_index);
  if (group.first_of_head) {
    heads_[group.head_index].core = context_.core;
    heads_[group.head_index].first_cycle = static_cast<std::uint64_t>(now());
    if (two_heads_fit_) load_keys_after(group.head_index);
  }
  context_.counts.query_buffer_write += group.queries.size();
  for (int reader = 0; reader < entries.size(); ++reader) {
    GroupEntry& entry = entries.next(static_cast<std::size_t>(reader));
    entry.queries = group.queries;
    entry.last_of_head = group.last_of_head;
    entries[reader]->push(now());
  }
  send_work(group);
}

void Dispatch::send_work(const Group& group) {
  for (std::size_t array = 0; array < group.jobs.size(); ++array) {
    if (group.jobs[array].empty()) continue;
    ArrayQueries& buffer = queries.next(array);
    buffer.queries.resize(group.queries.size());
    for (std::size_t lane = 0; lane < group.queries.size(); ++lane) {
      ArrayQueries::Query& query = buffer.queries[lane];
      query.tag = group.queries[lane];
      query.words.clear();
      for (std::uint32_t segment = 0; segment < mapping_.segmentation.segments(); ++segment) {
        const auto bits = group.head->query_bits.words(query.tag.query, segment);
        query.words.insert(query.words.end(), bits.begin(), bits.end());
      }
    }
    queries[static_cast<int>(array)]->push(now());
    ArrayWork& order = work.next(array);
    order.head = group.head_index;
    order.query = group.queries.front().query;
    order.jobs = group.jobs[array];
    order.keys.reset();
    if (keys_fit_) order.keys = {group.head, &group.head->key_bits};
    work[static_cast<int>(array)]->push(now());
    if (overlap_) ++searching_;
  }
}

void Dispatch::load_keys_after(std::uint32_t head_index) {
  const std::uint64_t next = std::uint64_t{head_index} + cores_;
  if (memory.size() == 0 || next >= context_.workload.head_count()) return;
  if (!context_.workload.same_keys(head_index, static_cast<std::uint32_t>(next)))
    load_keys(static_cast<std::uint32_t>(next));
}

std::uint32_t Dispatch::loaded_keys() const {
  return context_.mapping.loaded_keys(context_.workload.valid_keys(context_.workload.id(context_.core)));
}

void Dispatch::count_loads(std::uint32_t head_index) {
  const std::uint32_t keys = loaded_keys();
  if (keys_fit_) {
    context_.counts.dram_key_bytes += mapping_.key_bytes(keys);
    context_.counts.key_sram_write += mapping_.key_words(keys);
    if (memory.size() == 0) log(head_index, DramRequest::What::head_keys, mapping_.key_bytes(keys));
  }
  const MemoryParams& params = context_.config.memory;
  if (params.value_source != ValueSource::sram) return;
  const std::uint64_t bytes = keys * context_.times.value_row_bytes;
  context_.counts.dram_access += keys;
  context_.counts.value_sram_write += keys;
  context_.counts.value_sram_write_byte += bytes;
  context_.counts.dram_value_bytes += bytes;
  if (params.value_load == HeadLoad::hidden) log(head_index, DramRequest::What::head_values, bytes);
}

void Dispatch::log(std::uint32_t head_index, DramRequest::What what, std::uint64_t bytes) {
  if (context_.dram_log == nullptr) return;
  DramRequest request;
  request.cycle = static_cast<std::uint64_t>(now());
  request.core = context_.core;
  request.what = what;
  request.head = head_index;
  request.bytes = bytes;
  context_.dram_log->request(std::move(request));
}

void Dispatch::load_keys(std::uint32_t head_index) {
  const std::uint64_t bytes = mapping_.key_bytes(loaded_keys());
  log(head_index, DramRequest::What::head_keys, bytes);
  const std::uint64_t tag = keys_there_.size();
  keys_there_.push_back(false);
  memory->request({context_.core, MemoryTraffic::keys, tag, {{context_.layout.keys_of_head(head_index), bytes}}});
}

std::string Dispatch::state() const {
  return fmt::format("{}: {} groups entered, {} handed over, {} arrays still searching, {} of {} key loads used",
                     name(), entered_, handed_over_, searching_, loads_used_, keys_there_.size());
}

}  // namespace capcam::systemc
