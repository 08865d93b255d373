// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/dispatch.h"

#include <fmt/format.h>

#include <algorithm>

namespace capcam {

Dispatch::Dispatch(const sc_core::sc_module_name& name, Clock& clock, const Config& config, const Mapping& mapping,
                   const Workload& workload, std::uint32_t core, GroupSource& groups, Channels channels,
                   Prefetch* prefetch, Dram& dram, std::vector<HeadStats>& heads, ActionCounts& counts)
    : Stage(name, clock),
      mapping_(mapping),
      workload_(workload),
      core_(core),
      cores_(config.accelerator.cores),
      overlap_(config.pipeline.query_overlap),
      loads_keys_(config.memory.key_load == KeyLoad::modelled && mapping.keys_fit(config.memory, 1)),
      two_heads_fit_(mapping.keys_fit(config.memory, 2)),
      groups_(groups),
      channels_(std::move(channels)),
      prefetch_(prefetch),
      dram_(dram),
      heads_(heads),
      counts_(counts) {
  for (Fifo<QueryEvent>* searched : channels_.searched) searched->bind_reader(wake);
  channels_.events.bind_reader(wake);
  if (channels_.completed != nullptr) channels_.completed->bind_reader(wake);
}

void Dispatch::step() {
  if (loads_keys_ && loads_asked_ == 0 && groups_.at(0) != nullptr) load_keys(core_);
  note_events();
  for (Group* group = groups_.at(next_group_); group != nullptr && may_enter(*group); group = groups_.at(next_group_))
    enter(*group);
  Cycle next = channels_.events.ready_at();
  for (const Fifo<QueryEvent>* searched : channels_.searched) next = std::min(next, searched->ready_at());
  if (channels_.completed != nullptr) next = std::min(next, channels_.completed->ready_at());
  if (loads_asked_ > loads_used_ && keys_there_[loads_used_] != never && keys_there_[loads_used_] > now())
    next = std::min(next, keys_there_[loads_used_]);
  wake_at(next);
}

void Dispatch::note_events() {
  for (Fifo<QueryEvent>* searched : channels_.searched) {
    for (; searched->ready(); searched->pop()) --searching_;
  }
  if (channels_.completed != nullptr) {
    for (; channels_.completed->ready(); channels_.completed->pop()) ++completed_;
  }
  for (; channels_.events.ready(); channels_.events.pop()) {
    const QueryEvent& event = channels_.events.front();
    if (event.kind == QueryEvent::Kind::handed_over) ++handed_over_;
    if (event.kind == QueryEvent::Kind::drained && !two_heads_fit_) load_keys_after(event.group->head_index);
  }
}

bool Dispatch::may_enter(const Group& group) const {
  if (group.needs_keys && loads_keys_ && (loads_used_ == keys_there_.size() || keys_there_[loads_used_] > now()))
    return false;
  // A step of a decoder begins with what the one before it put out.
  if (channels_.completed != nullptr && !group.first_of_head && completed_ < next_group_) return false;
  if (!overlap_) return handed_over_ == next_group_;
  return searching_ == 0 && handed_over_ + 1 >= next_group_;  // at most two groups are in association
}

void Dispatch::enter(Group& group) {
  ++next_group_;
  if (group.needs_keys && loads_keys_) ++loads_used_;
  if (group.first_of_head) {
    heads_[group.head_index].core = core_;
    heads_[group.head_index].first_cycle = now();
    if (two_heads_fit_) load_keys_after(group.head_index);
  }
  counts_.query_buffer_write += group.lanes.size();
  if (prefetch_ != nullptr) {
    for (std::uint32_t lane = 0; lane < group.lanes.size(); ++lane)
      prefetch_->enter(group.sequence(lane), group.head_index, group.lanes[lane].query);
  }
  channels_.registers.next() = &group;
  channels_.registers.push(now());
  for (std::size_t array = 0; array < channels_.arrays.size(); ++array) {
    if (group.jobs[array].empty()) continue;
    channels_.arrays[array]->next() = &group;
    channels_.arrays[array]->push(now());
    if (overlap_) ++searching_;
  }
}

void Dispatch::load_keys_after(std::uint32_t head_index) {
  const std::uint64_t next = std::uint64_t{head_index} + cores_;
  if (!loads_keys_ || next >= workload_.head_count()) return;
  if (!workload_.same_keys(head_index, static_cast<std::uint32_t>(next))) load_keys(static_cast<std::uint32_t>(next));
}

void Dispatch::load_keys(std::uint32_t head_index) {
  // In decode: those of its first step; later ones are made on the way.
  const std::uint32_t keys =
      mapping_.decode == Decode::off ? mapping_.keys : workload_.valid_keys(workload_.id(core_)).there(0);
  const std::uint64_t bytes = mapping_.key_bytes(keys);
  counts_.dram_key_bytes += bytes;
  counts_.key_sram_write += mapping_.key_words(keys);
  const std::uint64_t tag = loads_asked_++;
  if (dram_.logs()) {
    DramRequest what;
    what.what = DramRequest::What::head_keys;
    what.head = head_index;
    dram_.announce(std::move(what));
  }
  keys_there_.push_back(never);
  if (const auto at = dram_.request(core_, DramTraffic::keys, bytes, tag, *this)) granted(tag, *at);
}

void Dispatch::granted(std::uint64_t tag, Cycle at) {
  keys_there_[tag] = at;
  wake_at(at);
}

std::string Dispatch::state() const {
  return fmt::format("{}: {} groups entered, {} handed over, {} arrays still searching, {} of {} key loads used",
                     name(), next_group_, handed_over_, searching_, loads_used_, loads_asked_);
}

}  // namespace capcam
