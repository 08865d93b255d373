// The stage sensing of the arrays.
// SPDX-License-Identifier: Apache-2.0
#include "engines/fast/core/arrays.h"

namespace capcam::fast {

// Lets the result leave the converters. Returns false if it waits for a slot that is not known to be free.
bool Arrays::convert(std::uint32_t number) {
  ArrayState& array = arrays_[number];
  const Cycle left = tile_selection_.accept(number, *array.converting);
  if (left == never) return false;
  core_.tally().blocked[Stage::sensing] += left - array.converting->converted;
  array.converters_free = left;
  array.converting.reset();
  return true;
}

}  // namespace capcam::fast
