// Runs points over threads. Every point that ends is handed over at once; a point that fails does not stop the others.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace capcam {

// Calls `work(i)` for each i of `order`, from `jobs` threads, in that order. If a call throws, no further call begins
// and the exception is thrown again. `tick` is called on this thread now and then, and at the end.
void run_over_threads(const std::vector<std::size_t>& order, unsigned jobs,
                      const std::function<void(std::size_t)>& work, const std::function<void()>& tick);

}  // namespace capcam
