// SPDX-License-Identifier: Apache-2.0
#include "config/moved_keys.h"

namespace capcam {

std::string_view moved_key(std::string_view dotted_key) {
  struct Moved {
    std::string_view key, instead;
  };
  static constexpr Moved moved[] = {
      {"sensing.offset_lsb",
       "set sensing.offset_mv, in millivolts (capcam check says what an LSB is) and drawn: a standard deviation"},
      {"sensing.offset_mismatch_lsb",
       "set sensing.offset_mismatch_mv, in millivolts (capcam check says what an LSB is)"},
      {"sensing.comparator_noise_lsb",
       "set sensing.comparator_noise_mv, in millivolts (capcam check says what an LSB is)"},
      {"sensing.share_ns",
       "set sensing.settling = true; the time is sensing.sharing_part of array.search_cycles / clock.frequency_ghz"},
      {"sensing.delay_variation",
       "set sensing.threshold_mismatch_mv, from which the variation follows by supply, corner and temperature"},
      {"sensing.cell_delay_ps",
       "set sensing.delay_capacitance_ff and sensing.drive_current_ua: a cell's delay is C V / (2 I), which follows "
       "supply, corner and temperature"},
  };
  for (const Moved& one : moved) {
    if (one.key == dotted_key) return one.instead;
  }
  return {};
}

}  // namespace capcam
