// Ctrl-C while the engine runs with Python's lock released: Python's own signal handlers are asked now and then.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <thread>

#include "capcam/result_sink.h"

namespace capcam::python {

// Made in the thread that calls the engine; only there can Python handle signals (and only if it is the main thread).
class Interrupt : public ResultSink {
 public:
  void take(const QueryResult&) override {}
  // True: a handler raised; its exception waits in this thread, and Interrupted carries the news to it.
  bool stop_requested() const override;

 private:
  std::thread::id caller_ = std::this_thread::get_id();
  mutable std::atomic<bool> raised_ = false;
  mutable std::chrono::steady_clock::time_point next_;  // of the calling thread alone
};

}  // namespace capcam::python
