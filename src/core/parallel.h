// Distributes work over threads, one index at a time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "capcam/error.h"

namespace capcam {

// Calls work(0) to work(count - 1), each once, from `threads` threads (0: one per processor), this one among them.
// Rethrows an exception of one of them. Any thread asks stop() before each call; if it returns true, the work ends and
// Interrupted is thrown.
inline void for_each_index(std::uint32_t count, unsigned threads, const std::function<bool()>& stop,
                           const std::function<void(std::uint32_t)>& work) {
  if (threads == 0) threads = std::max(1u, std::thread::hardware_concurrency());
  std::atomic<std::uint32_t> next = 0;
  std::atomic<bool> stopped = false;
  std::exception_ptr failure;
  std::mutex mutex;  // guards failure
  const auto go_on = [&] {
    try {
      while (!stopped) {
        const std::uint32_t index = next++;
        if (index >= count) return;
        if (stop()) throw Interrupted();
        work(index);
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
      stopped = true;
    }
  };
  {
    std::vector<std::jthread> helpers;
    for (unsigned i = 1; i < threads && i < count; ++i) helpers.emplace_back(go_on);
    go_on();
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace capcam
