// The circuit between a search and its code: charge sharing on a matchline, and its errors. The equations are in
// kernels/matchline.h. Errors are off (0) unless a configuration turns them on.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "capcam/describe.h"

namespace capcam {

enum class Corner { tt, ss, ff, sf, fs };
inline constexpr Choice<Corner> corners[] = {
    {Corner::tt, "tt", "typical transistors"},
    {Corner::ss, "ss", "slow n-channel, slow p-channel: thresholds higher by corner_threshold_mv"},
    {Corner::ff, "ff", "fast n-channel, fast p-channel: thresholds lower"},
    {Corner::sf, "sf", "slow n-channel, fast p-channel"},
    {Corner::fs, "fs", "fast n-channel, slow p-channel"},
};

enum class Reference { calibrated, nominal };
inline constexpr Choice<Reference> references[] = {
    {Reference::calibrated, "calibrated",
     "full scale is the voltage of a row that matches everywhere, parasitics included"},
    {Reference::nominal, "nominal", "full scale is supply_v: parasitic capacitance is a gain error"},
};

struct CircuitParams {
  double supply_v = 1.0;
  double supply_error = 0.0;
  bool reference_follows_supply = false;
  Corner corner = Corner::tt;
  double corner_threshold_mv = 30.0;
  double threshold_v = 0.4;
  double temperature_c = 25.0;
  double cell_capacitance_ff = 22.0;
  double matching_coefficient = 0.0;
  double matchline_capacitance_ff = 0.0;
  double leakage_pa = 0.0;
  double hold_ns = 1.0;
  double injected_charge_fc = 0.0;
  double switch_resistance_kohm = 0.0;
  double share_ns = 0.5;
  double delay_variation = 0.0;
  Reference reference = Reference::calibrated;
  double reference_error = 0.0;
  double offset_lsb = 0.0;
  double offset_mismatch_lsb = 0.0;
  double inl_lsb = 0.0;
  double dnl_lsb = 0.0;
  bool thermal_noise = false;
  bool noise_per_cell = false;
  double comparator_noise_lsb = 0.0;
  static void describe(auto& v, auto& c) {
    v.field("supply_v", c.supply_v,
            {.min = 0.1, .max = 5.0, .unit = "V", .doc = "nominal supply: charges the cells that match"});
    v.field("supply_error", c.supply_error,
            {.min = -0.5,
             .max = 0.5,
             .unit = "fraction",
             .doc = "error of the supply; the converter's reference has it, too, if reference_follows_supply"});
    v.field("reference_follows_supply", c.reference_follows_supply,
            {.doc = "the converter's full scale is a share of the same supply: a supply error is no gain error"});
    v.choice("corner", c.corner, corners,
             {.doc = "corner of the transistors: changes leakage, injected charge, switch resistance and delays"});
    v.field("corner_threshold_mv", c.corner_threshold_mv,
            {.min = 0.0, .max = 200.0, .unit = "mV", .doc = "shift of the threshold voltages at a corner"});
    v.field("threshold_v", c.threshold_v,
            {.min = 0.05, .max = 2.0, .unit = "V", .doc = "threshold voltage of a typical transistor"});
    v.field("temperature_c", c.temperature_c,
            {.min = -273.15,
             .max = 400.0,
             .unit = "degC",
             .doc = "changes kT/C noise, leakage (leakage_pa holds at 25 degC) and delays"});
    v.field("cell_capacitance_ff", c.cell_capacitance_ff,
            {.max = 1e4,
             .above = 0.0,
             .unit = "fF",
             .doc = "capacitor of a cell; the published design does not state its own"});
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
            {.min = 0.0,
             .max = 1e9,
             .unit = "pA",
             .doc = "leakage from the matchline per cell while it is held; at 25 degC, typical transistors"});
    v.field("hold_ns", c.hold_ns,
            {.min = 0.0, .max = 1e9, .unit = "ns", .doc = "time from charge sharing until the converter has sampled"});
    v.field(
        "injected_charge_fc", c.injected_charge_fc,
        {.min = -1e6, .max = 1e6, .unit = "fC", .doc = "charge that the share switches of a row put on its matchline"});
    v.field("switch_resistance_kohm", c.switch_resistance_kohm,
            {.min = 0.0,
             .max = 1e6,
             .unit = "kOhm",
             .doc = "resistance of a cell's share switch, typical; with matchline_capacitance_ff settling takes time"});
    v.field(
        "share_ns", c.share_ns,
        {.min = 0.0, .max = 1e6, .unit = "ns", .doc = "time the matchline has to settle (unused without resistance)"});
    v.field(
        "delay_variation", c.delay_variation,
        {.min = 0.0,
         .max = 0.5,
         .unit = "fraction",
         .doc = "kind time_domain: standard deviation of a cell's delay as a fraction of it; per cell, fixed for an "
                "array"});
    v.choice("reference", c.reference, references, {.doc = "the voltage that the converter takes for full scale"});
    v.field("reference_error", c.reference_error,
            {.min = -0.5, .max = 0.5, .unit = "fraction", .doc = "error of the converter's full scale"});
    v.field("offset_lsb", c.offset_lsb,
            {.min = -1024.0, .max = 1024.0, .unit = "LSB", .doc = "offset of comparator and converter"});
    v.field("offset_mismatch_lsb", c.offset_mismatch_lsb,
            {.min = 0.0,
             .max = 1024.0,
             .unit = "LSB",
             .doc = "standard deviation of the offset from converter to converter, fixed for an array"});
    v.field("inl_lsb", c.inl_lsb,
            {.min = -1024.0,
             .max = 1024.0,
             .unit = "LSB",
             .doc = "integral non-linearity: a bow, this much at half scale"});
    v.field(
        "dnl_lsb", c.dnl_lsb,
        {.min = 0.0,
         .max = 0.25,
         .unit = "LSB",
         .doc = "differential non-linearity: standard deviation of a code's width; per converter and code, fixed for "
                "an array"});
    v.field("thermal_noise", c.thermal_noise, {.doc = "kT/C noise of the matchline: drawn for every search and row"});
    v.field(
        "noise_per_cell", c.noise_per_cell,
        {.doc = "thermal noise is drawn for every cell and the matchline instead of once per row: slow, to check that "
                "the row's closed form gives the same"});
    v.field("comparator_noise_lsb", c.comparator_noise_lsb,
            {.min = 0.0,
             .max = 1024.0,
             .unit = "LSB",
             .doc = "standard deviation of the converter's input noise: drawn for every conversion"});
  }
};

}  // namespace capcam
