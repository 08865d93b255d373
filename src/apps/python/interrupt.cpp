// SPDX-License-Identifier: Apache-2.0
#include "apps/python/interrupt.h"

#include <nanobind/nanobind.h>

namespace capcam::python {

bool Interrupt::stop_requested() const {
  constexpr auto interval = std::chrono::milliseconds(20);
  if (raised_ || std::this_thread::get_id() != caller_) return raised_;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return false;
  next_ = now + interval;
  const nanobind::gil_scoped_acquire lock;
  if (PyErr_CheckSignals() != 0) raised_ = true;
  return raised_;
}

}  // namespace capcam::python
