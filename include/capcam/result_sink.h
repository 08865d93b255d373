// Where an engine hands over what comes out of the machine.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "capcam/candidate.h"

namespace capcam {

// One finished head-query. The spans are valid during the call.
struct QueryResult {
  std::uint32_t head = 0;  // index in the workload
  std::uint32_t query = 0;
  std::span<const Candidate> selection;  // kept keys, best first; empty: no valid key
  std::span<const float> output;         // [value_dim]
};

class ResultSink {
 public:
  virtual ~ResultSink() = default;
  virtual void take(const QueryResult& result) = 0;
  // The cycle in which a query's output was complete: once each, before or after take() and never at the same time as
  // it. An engine that works out no times does not call it.
  virtual void completed(std::uint32_t /*head*/, std::uint32_t /*query*/, std::uint64_t /*cycle*/) {}
  // The same result before take(): an engine of several threads may call this from any of them, several results at a
  // time, for what is slow and needs no order. May also never be called.
  virtual void examine(const QueryResult&) {}
  // Asked after every result: true ends the run at once (the engine throws Interrupted).
  virtual bool stop_requested() const { return false; }
};

// Takes no result. Asks on the engine's behalf whether to stop; without a question it never does.
class StopWhen final : public ResultSink {
 public:
  explicit StopWhen(std::function<bool()> asked = [] { return false; }) : asked_(std::move(asked)) {}
  void take(const QueryResult&) override {}
  bool stop_requested() const override { return asked_(); }

 private:
  std::function<bool()> asked_;
};

// Hands every result to several sinks.
class ResultFanOut final : public ResultSink {
 public:
  void add(ResultSink& sink) { sinks_.push_back(&sink); }
  void take(const QueryResult& result) override {
    for (ResultSink* sink : sinks_) sink->take(result);
  }
  void completed(std::uint32_t head, std::uint32_t query, std::uint64_t cycle) override {
    for (ResultSink* sink : sinks_) sink->completed(head, query, cycle);
  }
  void examine(const QueryResult& result) override {
    for (ResultSink* sink : sinks_) sink->examine(result);
  }
  bool stop_requested() const override {
    return std::any_of(sinks_.begin(), sinks_.end(), [](const ResultSink* sink) { return sink->stop_requested(); });
  }

 private:
  std::vector<ResultSink*> sinks_;
};

}  // namespace capcam
