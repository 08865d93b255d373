// Handles Ctrl-C while the engine runs with Python's lock released: Python's signal handlers are asked now and then.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <thread>

#include "capcam/result_sink.h"

namespace capcam::python {

// Is made in the thread that calls the engine; Python can only handle signals there, and only in the main thread.
class Interrupt : public ResultSink {
 public:
  void take(const QueryResult&) override {}
  // Returns true if a handler raised. Its exception waits in this thread, and Interrupted carries the news to it.
  bool stop_requested() const override;

 private:
  std::thread::id caller_ = std::this_thread::get_id();
  mutable std::atomic<bool> raised_ = false;
  mutable std::chrono::steady_clock::time_point next_;  // used only by the calling thread
};

}  // namespace capcam::python
