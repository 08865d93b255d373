// SPDX-License-Identifier: Apache-2.0
#include "kernels/random_readout.h"

#include <cmath>

#include "capcam/converter.h"
#include "capcam/error.h"
#include "config/conditions.h"
#include "core/philox.h"
#include "kernels/matchline.h"
#include "kernels/standard_normal.h"

namespace capcam {
namespace {

// The spread from cell to cell and from search to search, by the input of the converters.
struct Spread {
  double cell_sigma = 0.0;  // standard deviation of a cell, a fraction
  bool thermal = false;     // kT/C noise
};

Spread spread_of(ConverterInput input, const CircuitParams& circuit) {
  switch (input) {
    case ConverterInput::match_count:
      return {};
    case ConverterInput::charge:
      return {mismatch_sigma(circuit), circuit.thermal_noise};
    case ConverterInput::delay:
      return {circuit.delay_variation, false};
  }
  throw LawBroken("spread_of: unknown input");
}

}  // namespace

bool RandomReadout::needed(const SensingParams& sensing) {
  const CircuitParams& c = sensing.circuit;
  const ConverterInput input = make_converter(sensing)->input();
  const Spread spread = spread_of(input, c);
  return input != ConverterInput::match_count &&
         (spread.cell_sigma > 0.0 || spread.thermal || c.comparator_noise_lsb > 0.0 || c.offset_mismatch_lsb > 0.0 ||
          c.dnl_lsb > 0.0);
}

RandomReadout::RandomReadout(const SensingParams& sensing, const Segmentation& segmentation, std::uint64_t seed)
    : sensing_(sensing), seed_(seed) {
  const CircuitParams& c = sensing.circuit;
  const std::unique_ptr<const Converter> converter = make_converter(sensing);
  const Spread spread = spread_of(converter->input(), c);
  decision_levels_ = converter->decision_levels();
  cells_differ_ = spread.cell_sigma > 0.0;
  has_noise_ = spread.thermal || c.comparator_noise_lsb > 0.0;
  const double levels = std::exp2(sensing.bits);
  const double supply_v = actual_supply_v(c);
  for (std::uint32_t i = 0; i < segmentation.segments(); ++i) {
    SegmentReadout& s = segments_.emplace_back();
    s.used = segmentation.used_columns(i);
    s.unit = static_cast<float>(spread.cell_sigma / CellMismatch::steps_per_sigma);
    s.levels = static_cast<float>(levels);
    s.offset = static_cast<float>(c.offset_lsb + 0.5);
    s.bow = static_cast<float>(4.0 * c.inl_lsb);
    s.last_code = static_cast<float>(levels - 1.0);
    s.spaced = decision_levels_.empty();
    if (converter->input() == ConverterInput::delay) {
      const double g = relative_delay(c);
      s.delays = true;
      s.late = static_cast<float>((1.0 - g) / g);
      s.ceiling = static_cast<float>(1.0 / g);
      s.gain = static_cast<float>(g / (1.0 + c.reference_error));
      s.noise = static_cast<float>(c.comparator_noise_lsb);
      shares_.push_back({0.0f, 0.0f, 1.0f});
      continue;
    }
    const double full_scale_v = full_scale_voltage(c, s.used);
    const double thermal_lsb = spread.thermal ? thermal_noise_voltage(c, s.used) / (full_scale_v / levels) : 0.0;
    const double noise_lsb = std::hypot(thermal_lsb, c.comparator_noise_lsb);
    s.settled = static_cast<float>(settled_share(c, s.used));
    s.charge = static_cast<float>(added_charge_fc(c, s.used) / (c.cell_capacitance_ff * supply_v));
    s.capacitance = static_cast<float>(s.used + c.matchline_capacitance_ff / c.cell_capacitance_ff);
    s.gain = static_cast<float>(supply_v / full_scale_v);
    s.noise = static_cast<float>(noise_lsb);
    if (!has_noise_) continue;
    const double row_ff = s.used * c.cell_capacitance_ff + c.matchline_capacitance_ff;
    shares_.push_back({static_cast<float>(thermal_lsb / noise_lsb * std::sqrt(c.cell_capacitance_ff / row_ff)),
                       static_cast<float>(thermal_lsb / noise_lsb * std::sqrt(c.matchline_capacitance_ff / row_ff)),
                       static_cast<float>(c.comparator_noise_lsb / noise_lsb)});
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
  const float of_row = NormalTable::get()(words[query % 4]);
  return noise_per_cell() ? shares_[segment].comparator * of_row + cells_normal(head_number, query, key, segment)
                          : of_row;
}

// The cells' noise and, as cell `used`, the matchline's.
float RandomReadout::cells_normal(std::uint32_t head_number, std::uint32_t query, std::uint32_t key,
                                  std::uint32_t segment) const {
  constexpr std::uint32_t draws_per_segment = 2048;  // draws of four numbers, for 4096 columns and the matchline
  const NormalTable& normal = NormalTable::get();
  const PhiloxKey philox = philox_key(seed_, RandomStream::cell_noise);
  const NoiseShares& shares = shares_[segment];
  PhiloxCounter words{};
  float sum = 0.0f;
  for (std::uint32_t cell = 0; cell <= segments_[segment].used; ++cell) {
    if (cell % 4 == 0) words = philox4x32({key, query, head_number, segment * draws_per_segment + cell / 4}, philox);
    sum += (cell < segments_[segment].used ? shares.cell : shares.matchline) * normal(words[cell % 4]);
  }
  return sum;
}

}  // namespace capcam
