// Observers tell people who look into a run how units spend their time, how full channels are and which codes leave the
// converters.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "core/cycle.h"

namespace capcam::systemc {

enum class UnitState : std::uint8_t { starved = 0, busy = 1, blocked = 2 };

// A unit works on this.
struct Activity {
  static constexpr std::uint32_t none = 0xffffffff;
  std::uint32_t head = none, query = none, tile = none;
};

class StateObserver {
 public:
  virtual ~StateObserver() = default;
  // Pieces come in order of time and do not overlap; what is left out is starved.
  virtual void spent(UnitState state, Cycle from, Cycle to, const Activity& activity) = 0;
};

class FillObserver {
 public:
  virtual ~FillObserver() = default;
  // A place is taken (+1) or free again (-1) from cycle `at` on. Calls do not come in order of time.
  virtual void filled(Cycle at, int change) = 0;
};

class CodesObserver {
 public:
  virtual ~CodesObserver() = default;
  // The codes of a search leave the converters.
  virtual void converted(Cycle at, const std::vector<std::uint32_t>& codes) = 0;
};

}  // namespace capcam::systemc
