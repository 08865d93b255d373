// A line of progress on a terminal, and the wish to stop (Ctrl-C, SIGTERM).
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
  explicit Progress(std::uint64_t head_queries);
  ~Progress() override;
  void take(const QueryResult& result) override;
  bool stop_requested() const override;

 private:
  void clear();
  bool on_terminal_;
  bool shown_ = false;
  std::uint64_t total_, done_ = 0;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace capcam
