// The voltage of a row when its converter decides, and the code that a converter makes of it.
//
// Of `used` cells of capacitance C' some match; M and S are the sums of their capacitances, over the matching cells and
// over all, in units of C' (m and `used` where cells are alike), M with their weights of kernels/row_readings.h. With A
// and B of the cell circuit (kernels/cell_circuit.h), the gain a of the reading, supply V_s, parasitic capacitance C_p,
// charges Q and Q_s injected into the row and into the sampling capacitor, a leakage I per cell and I_s of the sampling
// switch (config/conditions.h) and the times t that the row holds and h that it is converted (kernels/hold.h),
//
//   V = V_s a (A M + B S) C' / (S C' + C_p) + (Q - used I t) / C_h + Q_s / C_s - i h / C_i, between 0 and V_s.
//
// C_h is what holds the charge while the row waits: S C' + C_p; or, once the search is over, C_p alone where the share
// switches are open and the row is not sampled. The own conversion discharges the same with i = used I, or the sampling
// capacitor C_s with i = I_s. h may be a line in V (a ramp's rows of high codes are decided early); V is then solved
// for.
//
// The static part of discharge and charge is the BA-CAM equation V_DD m C / (d C + C_p) (CAMformer, arXiv 2511.19740).
// As a simplification C_p of a row that has not been sampled yet counts C_s, which is joined last.
//
//   code = floor(y + 1/2), kept between 0 and 2^b - 1, y = x 2^b, x = V / V_full:
//   V_full = V_ref (nominal reference) or V_ref used C' / (used C' + C_p) (calibrated: static parasitics are known,
//   what has not settled or has leaked is not); V_ref = supply_v, or V_s if the reference follows the supply.
//
// The code of a kind with decision levels of its own (capcam/converter.h) is the number of levels that y / 2^b reaches.
//
// Converters that read delays (kind time_domain) have no matchline: kernels/delay_row.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "capcam/config.h"
#include "capcam/converter.h"
#include "kernels/hold.h"
#include "kernels/row_readings.h"

namespace capcam {

// The charges that switches put on a row and on its sampling capacitor.
struct InjectedCharge {
  double row_fc = 0.0, sample_fc = 0.0;
};

// A row that uses so many columns, in volts and femtofarads.
class RowCircuit {
 public:
  // `converter` is make_converter(config.sensing).
  RowCircuit(const Config& config, const Converter& converter, std::uint32_t used_columns);

  // V = slope M + base before it is kept between 0 and the supply.
  struct Line {
    double slope_v = 0.0, base_v = 0.0;
  };
  // `row` is a row of the array; all_cells is S.
  Line line(std::uint32_t row, double all_cells, const InjectedCharge& injected = {}) const;
  double voltage(std::uint32_t row, double matching_cells, double all_cells, const InjectedCharge& injected = {}) const;

  std::uint32_t used() const { return used_; }
  double supply_v() const { return supply_v_; }
  double cell_ff() const { return cell_ff_; }  // C'
  double line_ff() const { return line_ff_; }  // C_p
  double sampling_ff() const { return sampling_ff_; }
  double total_ff(double all_cells) const { return all_cells * cell_ff_ + line_ff_; }
  double full_scale_v() const { return full_scale_v_; }
  const Hold& hold() const { return hold_; }
  const RowReadings& readings() const { return *readings_; }
  // Returns C_h of a row that waits.
  double holding_ff(double all_cells) const;
  // Returns the time after which leakage has taken so much from the row that its converter takes last.
  double leaks_after_ns(double volt) const;
  // Returns the standard deviation of kT/C: of C_s if the converter samples, else of C_p if the share switches are
  // open, else of the whole row (always that of coupling cells, which have no share switches). Equipartition: a
  // capacitor that a switch cuts off keeps sqrt(kT / C) of its own.
  double thermal_noise_v() const;

 private:
  double row_droop_v(double time_ns, double all_cells) const;
  double own_droop_v_per_ns(double all_cells) const;

  Config config_;
  Hold hold_;
  std::shared_ptr<const RowReadings> readings_;
  std::uint32_t used_;
  double supply_v_, cell_ff_, line_ff_, sampling_ff_, full_scale_v_ = 0.0, leakage_pa_, sampling_leakage_pa_;
};

// Returns the standard deviation of a cell's capacitance as a fraction of C', matching_coefficient sqrt(C) / C'.
double mismatch_sigma(const CircuitParams& circuit);

// Returns true if every error is off or calibrated away, so that the input is matches / used_columns of full scale.
bool matchline_is_ideal(const Config& config);
// Returns true if equal rows in different places of the array read differently: they wait for their converter, or for
// the search line, and leak or level out meanwhile.
bool rows_differ(const Config& config);

// Returns [matches], the codes of the first row with 0 .. used_columns matching cells. `converter` is
// make_converter(config.sensing).
std::vector<std::uint32_t> converter_codes(const Converter& converter, const Config& config,
                                           std::uint32_t used_columns);

}  // namespace capcam
