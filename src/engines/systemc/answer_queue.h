// Answers of the memory to one of its clients wait here until their cycle, in order of time. The client is woken only
// if it has looked for an answer in vain, because most answers interest nobody in their cycle.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "capcam/error.h"
#include "engines/systemc/fifo.h"
#include "engines/systemc/tokens.h"

namespace capcam::systemc {

class AnswerQueue final : public sc_core::sc_object, public ReadIf<MemoryAnswer> {
 public:
  AnswerQueue(const char* name, Clock& clock) : sc_object(name), clock_(clock) {}
  const char* kind() const override { return "capcam_answer_queue"; }

  // The answer is there at a cycle that is not past.
  void post(std::uint64_t tag, Cycle ready) {
    if (ready < clock_.now())
      throw LawBroken(fmt::format("{}: an answer for cycle {} comes at cycle {}", name(), ready, clock_.now()));
    if (reader_waits_ && (waiting_.empty() || ready < waiting_.front().ready)) notify_at(clock_, written_, ready);
    const auto place = std::upper_bound(waiting_.begin(), waiting_.end(), ready,
                                        [](Cycle at, const Waiting& other) { return at < other.ready; });
    waiting_.insert(place, {{tag}, ready});
  }

  MemoryAnswer* front() override {
    reader_waits_ = waiting_.empty() || waiting_.front().ready > clock_.now();
    if (!reader_waits_) return &waiting_.front().answer;
    if (!waiting_.empty()) notify_at(clock_, written_, waiting_.front().ready);
    return nullptr;
  }
  Cycle ready_at() const override { return waiting_.empty() ? never : waiting_.front().ready; }
  void take(Cycle) override {
    if (ready_at() > clock_.now()) throw LawBroken(fmt::format("{}: an answer is taken that is not there", name()));
    waiting_.pop_front();
  }
  void pop() override { take(clock_.now()); }
  const sc_core::sc_event& written() const override { return written_; }

 private:
  struct Waiting {
    MemoryAnswer answer;
    Cycle ready;
  };
  Clock& clock_;
  std::deque<Waiting> waiting_;
  bool reader_waits_ = true;
  sc_core::sc_event written_;
};

}  // namespace capcam::systemc
