// Shows a line of progress on a terminal, and passes on the request to stop (Ctrl-C, SIGTERM).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "apps/cli/signals.h"
#include "capcam/result_sink.h"

namespace capcam {

class Progress final : public ResultSink {
 public:
  // `unit` is what is counted up to the total.
  explicit Progress(std::uint64_t total, const char* unit = "head-queries");
  ~Progress() override;
  void take(const QueryResult& result) override;
  bool stop_requested() const override;
  void set(std::uint64_t done);

 private:
  void show();
  void clear();
  bool on_terminal_;
  bool shown_ = false;
  std::uint64_t total_, done_ = 0;
  const char* unit_;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace capcam
