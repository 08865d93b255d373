// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/clock.h"

#include <cmath>

namespace capcam::systemc {

Clock::Clock(double frequency_ghz) : period_fs_(static_cast<std::uint64_t>(std::llround(1e6 / frequency_ghz))) {
  sc_core::sc_set_time_resolution(1, sc_core::SC_FS);
}

}  // namespace capcam::systemc
