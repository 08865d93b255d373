// The events of a core in order of time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include "core/cycle.h"

namespace capcam::fast {

enum class EventType : std::uint32_t {
  enter,           // the next group enters
  load_keys,       // the first head's keys are requested
  fetch,           // a fetch of streamed keys (who) is requested; what: bytes
  request_values,  // a tile (what: of the range) of a query is written, and its candidates are requested
  request_merge,   // a tile of a query is written, and there is no room for another
  drained,         // the last tile of a query is written
  merge_ended,     // a merge of a query ends; what: dropped candidates * 2 + 1 if it was the last merge
  normalized,      // the query in the softmax unit is normalized
  values_there,    // the value rows for contextualization are there
  completed,       // the output of a query is complete
};

struct Event {
  Cycle time = 0;
  std::uint64_t who = 0;  // the number of a query, unless the type says otherwise
  EventType type = EventType::enter;
  std::uint32_t what = 0;

  bool of_query() const {
    switch (type) {
      case EventType::enter:
      case EventType::load_keys:
      case EventType::fetch:
      case EventType::normalized:
      case EventType::values_there:
        return false;
      case EventType::request_values:
      case EventType::request_merge:
      case EventType::drained:
      case EventType::merge_ended:
      case EventType::completed:
        break;
    }
    return true;
  }
  friend bool operator>(const Event& a, const Event& b) {
    if (a.time != b.time) return a.time > b.time;
    if (a.type != b.type) return a.type > b.type;
    return a.who != b.who ? a.who > b.who : a.what > b.what;
  }
  static void describe(auto& v, auto& e) {
    v.time(e.time);
    v.number(e.type, e.what);
    if (e.of_query()) {
      v.query(e.who);
    } else {
      v.number(e.who);
    }
  }
};

class EventQueue {
 public:
  Cycle next_time() const { return heap_.empty() ? never : heap_.front().time; }
  void post(Cycle time, EventType type, std::uint64_t who = 0, std::uint32_t what = 0) {
    heap_.push_back({time, who, type, what});
    std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
  }
  Event pop() {
    std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
    const Event event = heap_.back();
    heap_.pop_back();
    return event;
  }

  // Puts equal queues into the same order. A sorted row is a heap too.
  void put_in_order() {
    std::sort(heap_.begin(), heap_.end(), [](const Event& a, const Event& b) { return b > a; });
  }
  static void describe(auto& v, auto& q) { v.list(q.heap_); }

 private:
  std::vector<Event> heap_;  // a heap with the earliest event first
};

}  // namespace capcam::fast
