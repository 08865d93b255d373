// SPDX-License-Identifier: Apache-2.0
#include "kernels/random_readout.h"

#include <cmath>

#include "core/philox.h"
#include "kernels/matchline.h"
#include "kernels/standard_normal.h"

namespace capcam {

bool RandomReadout::needed(const SensingParams& sensing) {
  const CircuitParams& c = sensing.circuit;
  return sensing.kind != SensingKind::ideal &&
         (c.matching_coefficient > 0.0 || c.thermal_noise || c.comparator_noise_lsb > 0.0);
}

RandomReadout::RandomReadout(const SensingParams& sensing, const Segmentation& segmentation, std::uint64_t seed)
    : seed_(seed) {
  const CircuitParams& c = sensing.circuit;
  cells_differ_ = c.matching_coefficient > 0.0;
  has_noise_ = c.thermal_noise || c.comparator_noise_lsb > 0.0;
  const double levels = std::exp2(sensing.bits);
  const double supply_v = c.supply_v * (1.0 + c.supply_error);
  for (std::uint32_t i = 0; i < segmentation.segments(); ++i) {
    SegmentReadout& s = segments_.emplace_back();
    s.used = segmentation.used_columns(i);
    const double full_scale_v = full_scale_voltage(c, s.used);
    const double thermal_lsb = c.thermal_noise ? thermal_noise_voltage(c, s.used) / (full_scale_v / levels) : 0.0;
    s.unit = static_cast<float>(mismatch_sigma(c) / CellMismatch::steps_per_sigma);
    s.charge = static_cast<float>(added_charge_fc(c, s.used) / (c.cell_capacitance_ff * supply_v));
    s.capacitance = static_cast<float>(s.used + c.matchline_capacitance_ff / c.cell_capacitance_ff);
    s.gain = static_cast<float>(supply_v / full_scale_v);
    s.levels = static_cast<float>(levels);
    s.offset = static_cast<float>(c.offset_lsb + 0.5);
    s.bow = static_cast<float>(4.0 * c.inl_lsb);
    s.noise = static_cast<float>(std::hypot(thermal_lsb, c.comparator_noise_lsb));
    s.last_code = static_cast<float>(levels - 1.0);
  }
}

CellMismatch RandomReadout::cells(std::uint32_t core, std::uint32_t array, std::uint32_t rows,
                                  std::uint32_t columns) const {
  return cells_differ_ ? CellMismatch(seed_, core, array, rows, columns) : CellMismatch();
}

float RandomReadout::normal(std::uint32_t head_number, std::uint32_t query, std::uint32_t key,
                            std::uint32_t segment) const {
  if (!has_noise_) return 0.0f;
  const PhiloxCounter words =
      philox4x32({key, query / 4, head_number, segment}, philox_key(seed_, RandomStream::noise));
  return NormalTable::get()(words[query % 4]);
}

}  // namespace capcam
