// Values by name, each made once. A thread that asks for a value that is being made waits for it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <future>
#include <mutex>
#include <string>
#include <unordered_map>

namespace capcam {

template <class Value>
class Shared {
 public:
  // An exception of `make` is thrown to everyone who asks.
  template <class Make>
  Value get(const std::string& name, Make make) {
    std::promise<Value> promise;
    std::shared_future<Value> future;
    bool mine = false;
    {
      const std::lock_guard lock(mutex_);
      const auto [found, is_new] = values_.try_emplace(name);
      if (is_new) found->second = promise.get_future().share();
      future = found->second;
      mine = is_new;
    }
    if (mine) {
      try {
        promise.set_value(make());
      } catch (...) {
        promise.set_exception(std::current_exception());
      }
    }
    return future.get();
  }

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_future<Value>> values_;
};

}  // namespace capcam
