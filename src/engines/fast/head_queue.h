// The arithmetic of all heads over threads: whole heads first, then what is left of the last ones by runs of queries.
// The calling thread may have other work to do before it joins in.
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
#include "engines/fast/functional.h"

namespace capcam::fast {

class HeadQueue {
 public:
  HeadQueue(const Workload& workload, const Config& config, const Mapping& mapping, ResultSink& sink);
  // Returns when `first` (in this thread, while helpers begin) is done and every result was taken; throws what a thread
  // threw.
  void run(
      unsigned threads, const std::function<void()>& first = [] {});
  // Of all searches of all heads, once run() has returned.
  std::uint64_t matching_cells() const { return matching_cells_; }
  // Queries of a head without a valid key.
  std::uint64_t empty_queries(std::uint32_t head) const { return empty_queries_[head]; }

 private:
  // A head someone works on.
  struct OpenHead {
    std::uint32_t index = 0;
    std::shared_ptr<const Head> head;
    std::unique_ptr<const HeadFunction> function;
    std::uint32_t next = 0;       // query to be given out
    std::uint32_t delivered = 0;  // queries before it were taken by the sink
  };
  struct Run {
    std::shared_ptr<OpenHead> open;
    std::uint32_t first = 0;
    std::uint32_t last = 0;
  };

  void work();
  void fail();  // of the exception being handled
  bool next_run(Run& run);
  QueryResult result_of(const Run& run, const HeadResults& results, std::uint32_t i) const;
  void deliver(const Run& run, const HeadResults& results);

  const Workload& workload_;
  const Config& config_;
  const Mapping& mapping_;
  ResultSink& sink_;
  std::uint32_t queries_;

  std::mutex mutex_;  // of everything below and of the sink
  std::condition_variable changed_;
  std::uint32_t next_head_ = 0;
  std::uint32_t opening_ = 0;  // heads that are being prepared
  std::vector<std::shared_ptr<OpenHead>> open_;
  std::uint64_t matching_cells_ = 0;
  std::vector<std::uint64_t> empty_queries_;  // [head]
  std::exception_ptr failure_;
};

}  // namespace capcam::fast
