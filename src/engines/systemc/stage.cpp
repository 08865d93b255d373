// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/stage.h"

#include <cmath>

namespace capcam {

Clock::Clock(double frequency_ghz) : period_fs_(static_cast<std::uint64_t>(std::llround(1e6 / frequency_ghz))) {
  sc_core::sc_set_time_resolution(1, sc_core::SC_FS);
}

Stage::Stage(const sc_core::sc_module_name& name, Clock& clock) : sc_module(name), clock_(clock) {
  SC_HAS_PROCESS(Stage);
  SC_METHOD(activate);
  sensitive << wake;
  dont_initialize();
}

}  // namespace capcam
