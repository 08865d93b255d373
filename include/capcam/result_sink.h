// The place where an engine hands over what comes out of the machine.
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
  std::span<const Candidate> selection;  // kept keys, best first; empty if there is no valid key
  std::span<const float> output;         // [value_dim]
};

class ResultSink {
 public:
  virtual ~ResultSink() = default;
  virtual void take(const QueryResult& result) = 0;
  // Tells the cycle in which a query's output was complete, once per query, before or after take() but never during it.
  // An engine that computes no times does not call it.
  virtual void completed(std::uint32_t /*head*/, std::uint32_t /*query*/, std::uint64_t /*cycle*/) {}
  // Gets the same result before take(), for slow work that needs no order. An engine of several threads may call this
  // from any of them, several at a time; an engine may also never call it.
  virtual void examine(const QueryResult&) {}
  // Is asked after every result. If it returns true, the run ends at once and the engine throws Interrupted.
  virtual bool stop_requested() const { return false; }
};

// Takes no result. It passes the question whether to stop on to a function, and without one never stops.
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
