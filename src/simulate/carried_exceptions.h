// Carries what a sink throws while an engine runs past the engine. SystemC's kernel would turn it into a report of its
// own, and its kind would be lost.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <exception>
#include <mutex>
#include <utility>

#include "capcam/result_sink.h"
#include "stats/dram_log.h"

namespace capcam {

// Stands between an engine and its sinks. The first exception is kept, and the engine is asked to stop.
class CarriedExceptions final : public ResultSink, public DramLog {
 public:
  // `log` may be null.
  CarriedExceptions(ResultSink& results, DramLog* log) : results_(results), log_(log) {}

  void take(const QueryResult& result) override {
    guarded([&] { results_.take(result); });
    not_finite_outputs_ +=
        std::all_of(result.output.begin(), result.output.end(), [](float x) { return std::isfinite(x); }) ? 0u : 1u;
  }
  void completed(std::uint32_t head, std::uint32_t query, std::uint64_t cycle) override {
    guarded([&] { results_.completed(head, query, cycle); });
  }
  void examine(const QueryResult& result) override {
    guarded([&] { results_.examine(result); });
  }
  bool stop_requested() const override {
    const std::lock_guard lock(mutex_);
    return carried_ || results_.stop_requested();
  }
  void request(DramRequest request) override {
    guarded([&] { log_->request(std::move(request)); });
  }

  std::uint64_t not_finite_outputs() const { return not_finite_outputs_; }

  // Runs the engine; throws what a sink threw, else what the engine did.
  template <class Run>
  auto run(Run engine) {
    try {
      auto stats = engine();
      rethrow();
      return stats;
    } catch (const std::exception&) {
      rethrow();
      throw;
    }
  }

 private:
  template <class Work>
  void guarded(Work work) {
    try {
      work();
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!carried_) carried_ = std::current_exception();
    }
  }
  void rethrow() {
    if (carried_) std::rethrow_exception(std::exchange(carried_, nullptr));
  }

  ResultSink& results_;
  DramLog* log_;
  mutable std::mutex mutex_;
  std::exception_ptr carried_;
  std::uint64_t not_finite_outputs_ = 0;
};

}  // namespace capcam
