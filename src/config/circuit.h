// The circuit between a search and its code: charge sharing on a matchline and what is not ideal about it. The
// equations are in kernels/matchline.h. Errors are off (0) unless a configuration turns them on.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/describe.h"

namespace capcam {

enum class Reference { calibrated, nominal };
inline constexpr Choice<Reference> references[] = {
    {Reference::calibrated, "calibrated",
     "full scale is the voltage of a row that matches everywhere, parasitics included"},
    {Reference::nominal, "nominal", "full scale is supply_v: parasitic capacitance is a gain error"},
};

struct CircuitParams {
  double supply_v = 1.0;
  double supply_error = 0.0;
  double cell_capacitance_ff = 22.0;
  double matching_coefficient = 0.0;
  double matchline_capacitance_ff = 0.0;
  double leakage_pa = 0.0;
  double hold_ns = 1.0;
  double injected_charge_fc = 0.0;
  Reference reference = Reference::calibrated;
  double reference_error = 0.0;
  double offset_lsb = 0.0;
  double inl_lsb = 0.0;
  bool thermal_noise = false;
  double temperature_c = 25.0;
  double comparator_noise_lsb = 0.0;
  static void describe(auto& v, auto& c) {
    v.field("supply_v", c.supply_v,
            {.min = 0.1, .max = 5.0, .unit = "V", .doc = "nominal supply: charges the cells that match"});
    v.field("supply_error", c.supply_error,
            {.min = -0.5,
             .max = 0.5,
             .unit = "fraction",
             .doc = "of the supply; the converter's reference does not follow it"});
    v.field("cell_capacitance_ff", c.cell_capacitance_ff,
            {.max = 1e4, .above = 0.0, .unit = "fF", .doc = "of a cell; the published design does not state its own"});
    v.field(
        "matching_coefficient", c.matching_coefficient,
        {.min = 0.0,
         .max = 1.0,
         .unit = "fraction sqrt(fF)",
         .doc = "standard deviation of a cell's capacitance as a fraction of it, times sqrt(capacitance): per cell, "
                "fixed for an array; 0.0085 is 0.85 % at 1 fF"});
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
    v.field("offset_lsb", c.offset_lsb,
            {.min = -1024.0, .max = 1024.0, .unit = "LSB", .doc = "of comparator and converter"});
    v.field("inl_lsb", c.inl_lsb,
            {.min = -1024.0,
             .max = 1024.0,
             .unit = "LSB",
             .doc = "integral non-linearity: a bow, this much at half scale"});
    v.field("thermal_noise", c.thermal_noise, {.doc = "kT/C noise of the matchline: drawn for every search and row"});
    v.field("temperature_c", c.temperature_c, {.min = -273.15, .max = 400.0, .unit = "degC", .doc = "of kT/C noise"});
    v.field("comparator_noise_lsb", c.comparator_noise_lsb,
            {.min = 0.0,
             .max = 1024.0,
             .unit = "LSB",
             .doc = "standard deviation of the converter's input noise: drawn for every conversion"});
  }
};

}  // namespace capcam
