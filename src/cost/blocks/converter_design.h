// What a converter must do, which decides the size of its parts, and its comparator as a block.
//
// A comparator of node F and supply V decides with noise s_n and offset s_o (standard deviations at its input):
//
//   its capacitance  C = f kT / s_n^2 + 2 c_g (A_vt^2 / s_o^2 - w)   f: comparator_noise; the pair's gates beyond the
//                                                                    smallest of w = 10 F^2 each (Pelgrom, 1989)
//   a decision       k (E_min + C V^2)
//   its area         a_min + 3 C / c_g                               transistors: gates, contacts, spacing
//
// Against an offset there is a second way, and the cheaper of both is taken: the smallest pair (of offset s_w) and a
// trim of t = log2(6 s_w / s_o) bits, t register bits and 2^t gates that load it. Noise or an offset that the
// configuration leaves off (0) is as large as quantization, LSB / sqrt(12): a comparator never gets cheaper by having
// less of either.
//
// k = 1 / (1 - T_0 / T) is what speed costs: a stage that must be done in T and takes T_0 without load needs so much
// more drive (its delay is T_0 (1 + load / drive)). T_0 is 6 gate delays a decision, and as many for the logic and
// capacitors of successive approximation. k is at most 5; what does not fit in T even so is said.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "capcam/config.h"
#include "cost/blocks/blocks.h"

namespace capcam {

struct ConverterDesign {
  double bits = 6.0;
  double supply_v = 1.0;  // of the capacitors, the ladder and the ramp
  double full_scale_v = 1.0;
  double noise_mv = 0.0;     // 0: as large as quantization
  double offset_mv = 0.0;    // 0: the same
  double sampling_ff = 0.0;  // of all capacitors of a converter that samples
  double conversion_ns = 1.0;
  double rows_per_converter = 1.0;
  double rows_per_reference = 1.0;  // comparators that a shared ramp or ladder drives
  double temperature_c = 25.0;

  double lsb_mv() const;
};

// Takes the design from a configuration whose circuit is filled in (cost/circuit_cards.h).
ConverterDesign converter_design(const Config& config);

// Returns the time that a conversion of `decisions` one after another takes at the least.
double least_conversion_ns(const Blocks& blocks, double decisions);
// Returns k for a converter that makes so many decisions one after another.
double cost_of_speed(const Blocks& blocks, const ConverterDesign& design, double decisions);

// Its operation is decide, without k.
Block comparator_block(const Blocks& blocks, const ConverterDesign& design);
// Returns the capacitance that a comparator puts on what it compares: a gate of its pair.
Figure comparator_input_ff(const Blocks& blocks, const ConverterDesign& design);

}  // namespace capcam
