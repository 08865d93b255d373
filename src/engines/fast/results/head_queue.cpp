// SPDX-License-Identifier: Apache-2.0
#include "engines/fast/results/head_queue.h"

#include <algorithm>
#include <system_error>
#include <thread>
#include <utility>

#include "capcam/error.h"

namespace capcam::fast {
namespace {

constexpr std::uint32_t run_length = 64;  // queries that are computed and delivered at once

}  // namespace

HeadQueue::HeadQueue(const Workload& workload, const Config& config, const Mapping& mapping, ResultSink& sink)
    : workload_(workload),
      config_(config),
      mapping_(mapping),
      sink_(sink),
      queries_(static_cast<std::uint32_t>(workload.trace().shape.queries)),
      empty_queries_(workload.head_count()) {}

void HeadQueue::run(unsigned threads, const std::function<void()>& first) {
  {
    std::vector<std::jthread> helpers;
    try {
      for (unsigned i = 1; i < threads; ++i) helpers.emplace_back([this] { work(); });
    } catch (const std::system_error&) {  // the system gives no more threads; fewer do the same
    }
    try {
      first();
    } catch (...) {
      fail();
    }
    work();
  }
  if (failure_) std::rethrow_exception(failure_);
}

void HeadQueue::fail() {
  const std::lock_guard lock(mutex_);
  if (!failure_) failure_ = std::current_exception();
  changed_.notify_all();
}

void HeadQueue::work() {
  try {
    HeadScratch scratch;
    HeadResults results;
    for (Run run; next_run(run);) {
      results.clear(run.open->head->value_dim);
      run.open->function->compute(run.first, run.last, scratch, results);
      for (std::uint32_t i = 0; i < results.size(); ++i) sink_.examine(result_of(run, results, i));
      deliver(run, results);
    }
  } catch (...) {
    fail();
  }
}

// The thread goes on with its own head, else begins a new one, else helps with the one that has most left.
bool HeadQueue::next_run(Run& run) {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (failure_) return false;
    if (run.open == nullptr || run.open->next == queries_) {
      run.open = nullptr;
      if (next_head_ != workload_.head_count()) {
        const std::uint32_t index = next_head_++;
        ++opening_;
        lock.unlock();
        auto open = std::make_shared<OpenHead>();
        open->index = index;
        open->head = workload_.head(index);
        open->function =
            std::make_unique<const HeadFunction>(*open->head, config_, mapping_, index % config_.accelerator.cores);
        lock.lock();
        --opening_;
        run.open = open_.emplace_back(std::move(open));
        changed_.notify_all();
      } else {
        for (const auto& open : open_) {
          if (open->next != queries_ && (run.open == nullptr || open->next < run.open->next)) run.open = open;
        }
      }
    }
    if (run.open != nullptr) break;
    if (opening_ == 0) return false;
    changed_.wait(lock);
  }
  run.first = run.open->next;
  run.last = run.open->next = std::min(queries_, run.first + run_length);
  return true;
}

QueryResult HeadQueue::result_of(const Run& run, const HeadResults& results, std::uint32_t i) const {
  return {run.open->index, run.first + i, results.selection(i), results.output(i)};
}

void HeadQueue::deliver(const Run& run, const HeadResults& results) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return failure_ || run.open->delivered == run.first; });
  if (failure_) return;
  if (sink_.stop_requested()) throw Interrupted();
  for (std::uint32_t i = 0; i < results.size(); ++i) {
    if (results.selection(i).empty()) ++empty_queries_[run.open->index];
    sink_.take(result_of(run, results, i));
  }
  cells_ += results.cells();
  run.open->delivered = run.last;
  if (run.last == queries_) std::erase(open_, run.open);
  changed_.notify_all();
}

}  // namespace capcam::fast
