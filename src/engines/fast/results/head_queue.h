// Spreads the arithmetic of all heads over threads: whole heads first, then the rest of the last ones by runs of
// queries. The calling thread may do other work before it joins in.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "capcam/result_sink.h"
#include "engines/fast/results/functional.h"

namespace capcam::fast {

class HeadQueue {
 public:
  HeadQueue(const Workload& workload, const Config& config, const Mapping& mapping, ResultSink& sink);
  // Returns when `first` (which runs in this thread while helpers begin) is done and every result was taken. An
  // exception of any thread is thrown on.
  void run(
      unsigned threads, const std::function<void()>& first = [] {});
  // Sums over all searches of all heads; valid after run() returns.
  const CellCounts& cells() const { return cells_; }
  // Counts the queries of a head without a valid key; valid after run() returns.
  std::uint64_t empty_queries(std::uint32_t head) const { return empty_queries_[head]; }

 private:
  // A head on which threads work.
  struct OpenHead {
    std::uint32_t index = 0;
    std::shared_ptr<const Head> head;
    std::unique_ptr<const HeadFunction> function;
    std::uint32_t next = 0;       // query that is given out next
    std::uint32_t delivered = 0;  // the sink has taken the queries before it
  };
  struct Run {
    std::shared_ptr<OpenHead> open;
    std::uint32_t first = 0;
    std::uint32_t last = 0;
  };

  void work();
  void fail();  // keeps the exception that is being handled
  bool next_run(Run& run);
  QueryResult result_of(const Run& run, const HeadResults& results, std::uint32_t i) const;
  void deliver(const Run& run, const HeadResults& results);

  const Workload& workload_;
  const Config& config_;
  const Mapping& mapping_;
  ResultSink& sink_;
  std::uint32_t queries_;

  std::mutex mutex_;  // guards everything below and the sink
  std::condition_variable changed_;
  std::uint32_t next_head_ = 0;
  std::uint32_t opening_ = 0;  // heads that threads are preparing
  std::vector<std::shared_ptr<OpenHead>> open_;
  CellCounts cells_;
  std::vector<std::uint64_t> empty_queries_;  // [head]
  std::exception_ptr failure_;
};

}  // namespace capcam::fast
