// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/points/runner.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>

namespace capcam {

void run_over_threads(const std::vector<std::size_t>& order, unsigned jobs,
                      const std::function<void(std::size_t)>& work, const std::function<void()>& tick) {
  std::mutex mutex;
  std::condition_variable ended;
  std::size_t next = 0;
  std::exception_ptr failure;
  const auto threads_wanted = static_cast<unsigned>(std::min<std::size_t>(jobs, order.size()));
  unsigned running = threads_wanted;

  const auto labour = [&] {
    for (;;) {
      std::size_t mine = 0;
      {
        const std::lock_guard lock(mutex);
        if (failure || next == order.size()) break;
        mine = order[next++];
      }
      try {
        work(mine);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!failure) failure = std::current_exception();
      }
    }
    const std::lock_guard lock(mutex);
    --running;
    ended.notify_one();
  };

  {
    std::vector<std::jthread> threads;
    try {
      while (threads.size() < threads_wanted) threads.emplace_back(labour);
    } catch (const std::system_error&) {  // the system gives no more threads; fewer do the same
      if (threads.empty()) throw;
    }
    constexpr auto interval = std::chrono::milliseconds(100);
    std::unique_lock lock(mutex);
    running -= threads_wanted - static_cast<unsigned>(threads.size());
    while (!ended.wait_for(lock, interval, [&] { return running == 0; })) {
      lock.unlock();
      tick();
      lock.lock();
    }
  }
  tick();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace capcam
