// The time for which a row holds its voltage until its converter is done with it. It follows from the converter's own
// timing (capcam/converter.h): a row waits for the rows that its converter takes before it, each as long as the slowest
// codes make it; then comes its own conversion, whose decision a falling or rising reference reaches sooner or later by
// the code. The first row is sampled in the sampling part of the search; a later one at the beginning of its
// conversion, for as long as the first, but for half of the conversion at most. sensing.hold_ns replaces all of it, for
// every row: what goes beyond sharing and sampling is held on the sampling capacitor. A wait for a later stage that has
// no room is not counted: a result would otherwise depend on when it is computed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "capcam/config.h"
#include "capcam/converter.h"

namespace capcam {

struct Hold {
  double joined_ns = 0.0;          // sharing and sampling, in which the cells are joined in any case
  double first_ns = 0.0;           // before the conversion of a converter's first row: the same
  double turn_ns = 0.0;            // more for each row that the converter takes before
  std::uint32_t turns = 1;         // rows of a converter
  double later_sampling_ns = 0.0;  // in which a later row is sampled
  double own_full_ns = 0.0;        // own conversion at full scale
  double own_zero_ns = 0.0;        // own conversion at 0; in between on a line
  bool sampled = false;            // the own conversion is held on the sampling capacitor, not on the row

  // Return the time on the row, and then that of the own conversion, of the row that is converted as the turn-th.
  double row_ns(std::uint32_t turn) const { return first_ns + turn * turn_ns + sampling_of(turn); }
  double own_full_of(std::uint32_t turn) const { return own_full_ns - sampling_of(turn); }
  double own_zero_of(std::uint32_t turn) const { return own_zero_ns - sampling_of(turn); }
  double longest_ns() const {
    return row_ns(turns - 1) + (own_full_ns > own_zero_ns ? own_full_of(turns - 1) : own_zero_of(turns - 1));
  }

 private:
  double sampling_of(std::uint32_t turn) const { return turn > 0 ? later_sampling_ns : 0.0; }
};

// `converter` is make_converter(config.sensing).
Hold hold_times(const Config& config, const Converter& converter);

}  // namespace capcam
