// The circuit between a search and its code: a row of capacitors on a matchline, a converter, and their errors. The
// equations are in kernels/cell_circuit.h, kernels/phases.h, kernels/matchline.h, kernels/delay_row.h and
// kernels/random_readout.h. Errors are off (0) unless a configuration turns them on.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "capcam/describe.h"

namespace capcam {

enum class CellCircuit { discharge, charge, coupling };
inline constexpr Choice<CellCircuit> cell_circuits[] = {
    {CellCircuit::discharge, "discharge", "all cells are precharged, those that do not match discharge, all share"},
    {CellCircuit::charge, "charge", "all cells are reset, those that match are charged, all share"},
    {CellCircuit::coupling, "coupling",
     "capacitors lie between matchline and plates; the plates of cells that match rise"},
};

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

enum class ShareSwitches { closed, open };
inline constexpr Choice<ShareSwitches> share_switch_states[] = {
    {ShareSwitches::closed, "closed", "the cells stay joined with the matchline: all of the row holds its charge"},
    {ShareSwitches::open, "open", "the cells are cut off once the charge is shared: the matchline alone holds it"},
};

// A double that is absent is worked out from the cards of the node (cost/circuit_cards.h) or from the timing; where no
// card was read (a Config that a program fills in itself and hands to an engine), it is 0.
struct CircuitParams {
  CellCircuit cell_circuit = CellCircuit::discharge;
  double supply_v = 1.0;
  double supply_error = 0.0;
  bool reference_follows_supply = false;
  Corner corner = Corner::tt;
  double corner_threshold_mv = 30.0;
  double threshold_v = 0.4;
  double temperature_c = 25.0;
  double cell_capacitance_ff = 22.0;
  std::optional<double> cell_parasitic_ff;
  double matching_coefficient = 0.0;
  std::optional<double> matchline_capacitance_ff;
  std::optional<double> matchline_ohm_per_column;
  std::optional<double> search_line_ff_per_row;
  std::optional<double> search_line_ohm_per_row;
  std::optional<double> sampling_capacitance_ff;
  std::optional<double> leakage_pa;
  std::optional<double> hold_ns;
  ShareSwitches share_switches = ShareSwitches::closed;
  std::optional<double> injected_charge_fc;
  bool settling = false;
  double precharge_part = 0.25;
  double evaluation_part = 0.25;
  double sharing_part = 0.25;
  double switch_resistance_kohm = 5.0;
  double sampling_resistance_kohm = 1.0;
  double driver_resistance_kohm = 0.5;
  double switch_kohm_um = 1.0;
  double switch_leakage_pa_per_um = 0.0;
  double switch_charge_mismatch_fc = 0.0;
  double threshold_mismatch_mv = 0.0;
  double delay_capacitance_ff = 1.2;
  double drive_current_ua = 40.0;
  double least_delay_ps = 10.0;
  Reference reference = Reference::calibrated;
  double reference_error = 0.0;
  double offset_mv = 0.0;
  double offset_mismatch_mv = 0.0;
  double inl_lsb = 0.0;
  double dnl_lsb = 0.0;
  std::optional<double> element_mismatch;
  bool thermal_noise = false;
  bool noise_per_cell = false;
  double comparator_noise_mv = 0.0;
  double regeneration_ps = 15.0;
  static void describe(auto& v, auto& c) {
    v.choice("cell_circuit", c.cell_circuit, cell_circuits,
             {.doc = "how a cell puts its match on the matchline; decides voltage, time and supply charge"});
    v.field("supply_v", c.supply_v, {.min = 0.1, .max = 5.0, .unit = "V", .doc = "nominal supply of the cells"});
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
            {.min = -100.0,
             .max = 200.0,
             .unit = "degC",
             .doc = "changes kT/C noise, leakage (leakage_pa holds at 25 degC), switches and delays"});
    v.field("cell_capacitance_ff", c.cell_capacitance_ff,
            {.max = 1e4,
             .above = 0.0,
             .unit = "fF",
             .doc = "capacitor of a cell; the published design does not state its own"});
    v.derived("cell_parasitic_ff", c.cell_parasitic_ff,
              {.min = 0.0,
               .max = 1e4,
               .unit = "fF",
               .doc = "capacitance of a cell's own node to ground beside its capacitor (of its plate, with coupling)"});
    v.field(
        "matching_coefficient", c.matching_coefficient,
        {.min = 0.0,
         .max = 1.0,
         .unit = "fraction sqrt(fF)",
         .doc = "standard deviation of a capacitance as a fraction of it, times sqrt(capacitance): per cell, fixed for "
                "an array; also of the elements of a converter of capacitors; 0.0085 is 0.85 % at 1 fF"});
    v.derived("matchline_capacitance_ff", c.matchline_capacitance_ff,
              {.min = 0.0,
               .max = 1e6,
               .unit = "fF",
               .doc = "parasitic capacitance of a row's matchline, the converter's input included"});
    v.derived("matchline_ohm_per_column", c.matchline_ohm_per_column,
              {.min = 0.0, .max = 1e6, .unit = "Ohm", .doc = "wire resistance of a matchline from column to column"});
    v.derived("search_line_ff_per_row", c.search_line_ff_per_row,
              {.min = 0.0, .max = 1e4, .unit = "fF", .doc = "capacitance of a search line at each row"});
    v.derived("search_line_ohm_per_row", c.search_line_ohm_per_row,
              {.min = 0.0, .max = 1e6, .unit = "Ohm", .doc = "wire resistance of a search line from row to row"});
    v.derived(
        "sampling_capacitance_ff", c.sampling_capacitance_ff,
        {.min = 0.0,
         .max = 1e6,
         .unit = "fF",
         .doc =
             "capacitor that the converter samples the matchline on, a part of matchline_capacitance_ff and no more; "
             "0: it reads the matchline itself"});
    v.derived(
        "leakage_pa", c.leakage_pa,
        {.min = 0.0,
         .max = 1e9,
         .unit = "pA",
         .doc = "leakage from the matchline per cell while it is held; at 25 degC, typical transistors; derived: of "
                "two open switches as wide as switch_resistance_kohm says"});
    v.derived("hold_ns", c.hold_ns,
              {.min = 0.0,
               .max = 1e9,
               .unit = "ns",
               .doc = "time from charge sharing until the converter is done with a row; derived: sharing, sampling, "
                      "the conversions before this one and its own"});
    v.choice("share_switches", c.share_switches, share_switch_states,
             {.doc = "while a row that is not sampled waits for its converter"});
    v.derived(
        "injected_charge_fc", c.injected_charge_fc,
        {.min = 0.0,
         .max = 1e6,
         .unit = "fC",
         .doc = "standard deviation of the charge that the share switches of a row put on its matchline: per row, "
                "fixed for an array; derived: of switches as wide as switch_resistance_kohm says"});
    v.field("settling", c.settling,
            {.doc = "what has not settled, arrived or been decided in its time is an error; false: there is time "
                    "enough"});
    v.field("precharge_part", c.precharge_part,
            {.min = 0.01,
             .max = 0.97,
             .unit = "fraction",
             .doc = "part of array.search_cycles in which cells are precharged or reset"});
    v.field("evaluation_part", c.evaluation_part,
            {.min = 0.01,
             .max = 0.97,
             .unit = "fraction",
             .doc = "part in which search lines rise and cells charge or discharge"});
    v.field("sharing_part", c.sharing_part,
            {.min = 0.01,
             .max = 0.97,
             .unit = "fraction",
             .doc = "part in which cells share their charge; what is left of the search is sampling"});
    v.field(
        "switch_resistance_kohm", c.switch_resistance_kohm,
        {.min = 0.0,
         .max = 1e6,
         .unit = "kOhm",
         .doc = "resistance of each of a cell's switches, typical transistors at 25 degC (unused without settling)"});
    v.field("sampling_resistance_kohm", c.sampling_resistance_kohm,
            {.min = 0.0,
             .max = 1e6,
             .unit = "kOhm",
             .doc = "resistance of a converter's sampling switch, typical (unused without settling)"});
    v.field("driver_resistance_kohm", c.driver_resistance_kohm,
            {.min = 0.0,
             .max = 1e6,
             .unit = "kOhm",
             .doc = "resistance of a search line's driver, typical (unused without settling)"});
    v.field("switch_kohm_um", c.switch_kohm_um,
            {.max = 1e3,
             .above = 0.0,
             .unit = "kOhm um",
             .doc = "resistance of a switch times its width, typical: how wide switch_resistance_kohm and "
                    "sampling_resistance_kohm make their switches"});
    v.field("switch_leakage_pa_per_um", c.switch_leakage_pa_per_um,
            {.min = 0.0,
             .max = 1e9,
             .unit = "pA/um",
             .doc = "leakage of an open switch per width, at 25 degC and 1 V, typical: leakage_pa follows from it"});
    v.field("switch_charge_mismatch_fc", c.switch_charge_mismatch_fc,
            {.min = 0.0,
             .max = 1e3,
             .unit = "fC",
             .doc = "standard deviation of the charge in the channel of a switch 1 um wide (it grows with the square "
                    "root of the width): injected_charge_fc follows from it"});
    v.field(
        "threshold_mismatch_mv", c.threshold_mismatch_mv,
        {.min = 0.0,
         .max = 1000.0,
         .unit = "mV",
         .doc = "kind time_domain: standard deviation of the threshold voltage of the smallest transistor; wider ones "
                "(drive_current_ua) differ less; per cell and element of a converter, fixed for an array"});
    v.field("delay_capacitance_ff", c.delay_capacitance_ff,
            {.min = 0.001,
             .max = 1e4,
             .unit = "fF",
             .doc = "kind time_domain: load that a cell which does not match adds to its delay, C V / (2 I)"});
    v.field("drive_current_ua", c.drive_current_ua,
            {.min = 0.001,
             .max = 1e6,
             .unit = "uA",
             .doc = "kind time_domain: effective current I of a delaying transistor, typical at 25 degC and 1 V; the "
                    "smallest has 40, a wider one loads its node as much more"});
    v.field("least_delay_ps", c.least_delay_ps,
            {.min = 0.0,
             .max = 1e6,
             .unit = "ps",
             .doc = "kind time_domain: the shortest element of a converter that the technology makes, an inverter that "
                    "a register samples; typical at 25 degC and 1 V"});
    v.choice("reference", c.reference, references, {.doc = "the voltage that the converter takes for full scale"});
    v.field("reference_error", c.reference_error,
            {.min = 0.0,
             .max = 0.5,
             .unit = "fraction",
             .doc = "standard deviation of the converters' full scale; one draw for an array"});
    v.field("offset_mv", c.offset_mv,
            {.min = 0.0,
             .max = 1000.0,
             .unit = "mV",
             .doc = "standard deviation of the offset that all converters of an array have in common"});
    v.field("offset_mismatch_mv", c.offset_mismatch_mv,
            {.min = 0.0,
             .max = 1000.0,
             .unit = "mV",
             .doc = "standard deviation of the offset from comparator to comparator, fixed for an array; kinds flash "
                    "and time_domain have one for every code"});
    v.field("inl_lsb", c.inl_lsb,
            {.min = 0.0,
             .max = 1024.0,
             .unit = "LSB",
             .doc = "integral non-linearity as given: standard deviation of a bow, at half scale; per converter"});
    v.field(
        "dnl_lsb", c.dnl_lsb,
        {.min = 0.0,
         .max = 0.25,
         .unit = "LSB",
         .doc = "differential non-linearity as given: standard deviation of a code's width; per converter and code"});
    v.derived("element_mismatch", c.element_mismatch,
              {.min = 0.0,
               .max = 0.5,
               .unit = "fraction",
               .doc = "standard deviation of a converter's unit element, from which INL and DNL follow; derived: of "
                      "the sampling capacitor's elements by matching_coefficient, of a ladder or a ramp as of 1 fF, of "
                      "delays by threshold_mismatch_mv"});
    v.field(
        "thermal_noise", c.thermal_noise,
        {.doc = "kT/C noise of what holds the voltage (of delays, kind time_domain): drawn for every search and row"});
    v.field(
        "noise_per_cell", c.noise_per_cell,
        {.doc = "thermal noise is drawn for every cell and the matchline instead of once per row: slow, to check that "
                "the row's closed form gives the same"});
    v.field("comparator_noise_mv", c.comparator_noise_mv,
            {.min = 0.0,
             .max = 1000.0,
             .unit = "mV",
             .doc = "standard deviation of the converter's input noise: drawn for every conversion"});
    v.field("regeneration_ps", c.regeneration_ps,
            {.min = 0.0,
             .max = 1e6,
             .unit = "ps",
             .doc = "time in which a comparator's latch amplifies by e, typical at 25 degC and 1 V; what it cannot "
                    "decide in its time reads as chance (unused without settling)"});
  }
};

}  // namespace capcam
