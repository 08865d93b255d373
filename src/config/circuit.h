// The circuit between a search and its code: charge sharing on a matchline and what is not ideal about it. The equations
// are in kernels/matchline.h. Errors are off (0) unless a configuration turns them on.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/describe.h"

namespace capcam {

enum class Reference { calibrated, nominal };
inline constexpr Choice<Reference> references[] = {
    {Reference::calibrated, "calibrated", "full scale is the voltage of a row that matches everywhere, parasitics included"},
    {Reference::nominal, "nominal", "full scale is supply_v: parasitic capacitance is a gain error"},
};

struct CircuitParams {
  double supply_v = 1.0;
  double supply_error = 0.0;
  double cell_capacitance_ff = 22.0;
  double matchline_capacitance_ff = 0.0;
  double leakage_pa = 0.0;
  double hold_ns = 1.0;
  double injected_charge_fc = 0.0;
  Reference reference = Reference::calibrated;
  double reference_error = 0.0;
  double offset_lsb = 0.0;
  double inl_lsb = 0.0;
  static void describe(auto& v, auto& c) {
    v.field("supply_v", c.supply_v, {.min = 0.1, .max = 5.0, .unit = "V", .doc = "nominal supply: charges the cells that match"});
    v.field("supply_error", c.supply_error,
            {.min = -0.5, .max = 0.5, .unit = "fraction", .doc = "of the supply; the converter's reference does not follow it"});
    v.field("cell_capacitance_ff", c.cell_capacitance_ff,
            {.max = 1e4, .above = 0.0, .unit = "fF", .doc = "of a cell; the published design does not state its own"});
    v.field("matchline_capacitance_ff", c.matchline_capacitance_ff,
            {.min = 0.0, .max = 1e6, .unit = "fF", .doc = "parasitic capacitance of a row's matchline"});
    v.field("leakage_pa", c.leakage_pa,
            {.min = 0.0, .max = 1e9, .unit = "pA", .doc = "leaks from the matchline for each cell while it is held"});
    v.field("hold_ns", c.hold_ns,
            {.min = 0.0, .max = 1e9, .unit = "ns", .doc = "from charge sharing until the converter has sampled"});
    v.field("injected_charge_fc", c.injected_charge_fc,
            {.min = -1e6, .max = 1e6, .unit = "fC", .doc = "that the share switches of a row put on its matchline"});
    v.choice("reference", c.reference, references, {.doc = "what voltage the converter takes for full scale"});
    v.field("reference_error", c.reference_error,
            {.min = -0.5, .max = 0.5, .unit = "fraction", .doc = "of the converter's full scale"});
    v.field("offset_lsb", c.offset_lsb, {.min = -1024.0, .max = 1024.0, .unit = "LSB", .doc = "of comparator and converter"});
    v.field("inl_lsb", c.inl_lsb,
            {.min = -1024.0, .max = 1024.0, .unit = "LSB", .doc = "integral non-linearity: a bow, this much at half scale"});
  }
};

}  // namespace capcam
