// The time for which a row holds its voltage until its converter is done with it. It follows from the converter's own
// timing (capcam/converter.h): a row waits for the rows that its converter takes before it, each as long as the slowest
// codes make it; then comes its own conversion, whose decision a falling or rising reference reaches sooner or later by
// the code. sensing.hold_ns replaces all of it. A wait for a later stage that has no room is not counted: a result
// would otherwise depend on when it is computed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "capcam/config.h"
#include "capcam/converter.h"

namespace capcam {

struct Hold {
  double first_ns = 0.0;     // before the conversion of a converter's first row: sharing and sampling
  double turn_ns = 0.0;      // more for each row that the converter takes before
  std::uint32_t turns = 1;   // rows of a converter
  double own_full_ns = 0.0;  // own conversion at full scale
  double own_zero_ns = 0.0;  // own conversion at 0; in between on a line
  bool sampled = false;      // the own conversion is held on the sampling capacitor, not on the row
  double wait_ns(std::uint32_t turn) const { return first_ns + turn * turn_ns; }
  double longest_ns() const { return wait_ns(turns - 1) + (own_full_ns > own_zero_ns ? own_full_ns : own_zero_ns); }
};

// `converter` is make_converter(config.sensing).
Hold hold_times(const Config& config, const Converter& converter);

}  // namespace capcam
