// SPDX-License-Identifier: Apache-2.0
#include "engines/fast/core/key_stream.h"

#include <algorithm>
#include <utility>

#include "engines/fast/core/state_codec.h"

namespace capcam::fast {

void KeyStream::start() {
  if (core_.rules.keys_modelled) core_.events.post(0, EventType::load_keys);
  if (!core_.rules.keys_fit) request_ahead();
}

void KeyStream::load_head(std::uint64_t group) {
  requests_.push_back({core_.rules.head_key_bytes, true, 0, core_.schedule.head_of_group(group)});
}

void KeyStream::used(std::uint64_t job, Cycle programmed) {
  state_.fetches[job].programmed = programmed;
  request_ahead();
}

// Requests keys as far ahead as the key SRAM has room. With unlimited bandwidth a request's end is known at once and
// keeps nobody else waiting; requests beyond the last job do no harm then.
void KeyStream::request_ahead() {
  Window<FetchState>& fetches = state_.fetches;
  for (;;) {
    const std::uint64_t job = fetches.end();
    const bool full = job >= core_.rules.times.fetch_depth;
    if (full && fetches.front().programmed == never) return;
    if (!at_once() && order_.done()) return;
    if (full) {
      state_.requested = std::max(state_.requested, fetches.front().programmed);
      fetches.pop_front();
    }
    if (at_once()) {
      fetches.push_back({never, core_.dram.complete(state_.requested, 0)});
    } else {
      const KeyFetch next = order_.next();
      core_.events.post(state_.requested, EventType::fetch, job, static_cast<std::uint32_t>(next.bytes));
      if (core_.log != nullptr) to_log_.push_back(next);
      fetches.push_back({never, never});
    }
  }
}

bool KeyStream::submit() {
  if (requests_.empty()) return false;
  for (const Request& request : requests_) {
    if (core_.log != nullptr) log(request);
    const Cycle there = core_.dram.complete(core_.now, request.bytes);
    (request.whole_head ? state_.head_there : state_.fetches[request.job].there) = there;
  }
  requests_.clear();
  return true;
}

void KeyStream::log(const Request& request) {
  DramRequest what;
  what.cycle = static_cast<std::uint64_t>(core_.now);
  what.core = core_.number;
  what.bytes = request.bytes;
  what.what = DramRequest::What::head_keys;
  what.head = request.head;
  if (!request.whole_head) {
    const KeyFetch& fetch = to_log_.front();
    what.what = DramRequest::What::tile_keys;
    what.head = core_.schedule.head_of_group(fetch.group);
    what.tile = fetch.tile;
    what.segment = fetch.segment;
    what.first_row = fetch.first_row;
    to_log_.pop_front();
  }
  core_.log->request(std::move(what));
}

void KeyStream::describe(StateCodec& v) { v.state(state_); }

}  // namespace capcam::fast
