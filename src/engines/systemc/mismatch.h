// The cells and converters of an array as they were made: drawn by seed, the same for every module that asks.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engines/systemc/context.h"
#include "kernels/random_readout.h"

namespace capcam::systemc {

// They are all alike if nothing random is modelled.
inline CellMismatch cells_of(const Context& c) {
  if (!RandomReadout::needed(c.config)) return {};
  return RandomReadout(c.config, c.mapping.segmentation)
      .cells(c.core, c.array, c.mapping.rows, c.mapping.segmentation.columns);
}

inline ConverterMismatch converters_of(const Context& c) {
  if (!RandomReadout::needed(c.config)) return {};
  return RandomReadout(c.config, c.mapping.segmentation).converters(c.core, c.array, c.mapping.rows);
}

}  // namespace capcam::systemc
