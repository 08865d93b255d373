// SPDX-License-Identifier: Apache-2.0
#include "kernels/random_readout.h"

#include <cmath>

#include "capcam/converter.h"
#include "capcam/error.h"
#include "config/conditions.h"
#include "core/philox.h"
#include "kernels/converter_elements.h"
#include "kernels/standard_normal.h"

namespace capcam {
namespace {

// Returns the standard deviation of a cell, as a fraction, by the input of the converters.
double cell_sigma(ConverterInput input, const CircuitParams& circuit) {
  switch (input) {
    case ConverterInput::match_count:
      return 0.0;
    case ConverterInput::charge:
      return mismatch_sigma(circuit);
    case ConverterInput::delay:
      return delay_sigma(circuit);
  }
  throw LawBroken("cell_sigma: unknown input");
}

double relative_to_converter(const CircuitParams& circuit) {
  return circuit.reference_follows_supply ? 1.0 : relative_delay(circuit);
}

// The parts of a row's thermal noise, in volts: of each cell, and of all else together.
struct ThermalNoise {
  double of_cell_v = 0.0, rest_v = 0.0;
  double all_v(std::uint32_t used) const { return std::hypot(of_cell_v * std::sqrt(used), rest_v); }
};

ThermalNoise thermal_noise(bool delays, const CircuitParams& circuit, const RowCircuit& row) {
  if (!circuit.thermal_noise) return {};
  const double kt = boltzmann * kelvin(circuit);
  if (delays) {
    const double node_ff = circuit.cell_parasitic_ff.value_or(0.0);
    return {node_ff > 0.0 ? std::sqrt(kt / (node_ff * 1e-15)) : 0.0, 0.0};
  }
  const double all_v = row.thermal_noise_v(), total_ff = row.total_ff(row.used());
  const double of_cell_v = std::sqrt(kt / (total_ff * 1e-15) * row.cell_ff() / total_ff);
  return {of_cell_v, std::sqrt(std::max(0.0, all_v * all_v - row.used() * of_cell_v * of_cell_v))};
}

}  // namespace

bool RandomReadout::needed(const Config& config) {
  const CircuitParams& c = config.sensing.circuit;
  const std::unique_ptr<const Converter> converter = make_converter(config.sensing);
  const ConverterInput input = converter->input();
  if (input == ConverterInput::match_count) return false;
  if (cell_sigma(input, c) > 0.0 || c.thermal_noise || c.comparator_noise_mv > 0.0 || c.offset_mv > 0.0 ||
      c.offset_mismatch_mv > 0.0 || c.inl_lsb > 0.0 || c.dnl_lsb > 0.0 || c.reference_error > 0.0 ||
      element_sigma(*converter, config.sensing) > 0.0)
    return true;
  if (input != ConverterInput::charge) return false;
  if (actual_injection_fc(c, config.array.columns) > 0.0 || rows_differ(config)) return true;
  const RowReadings readings(config, hold_times(config, *converter), config.array.columns);
  return !readings.row(0).weights.empty();
}

RandomReadout::RandomReadout(const Config& config, const Segmentation& segmentation) : config_(config) {
  const CircuitParams& c = config.sensing.circuit;
  const std::unique_ptr<const Converter> converter = make_converter(config.sensing);
  delays_ = converter->input() == ConverterInput::delay;
  last_ = segmentation.segments() - 1;
  const std::uint32_t full = segmentation.used_columns(0), narrow = segmentation.used_columns(last_);
  rows_.emplace_back(config, *converter, full);
  if (narrow != full) rows_.emplace_back(config, *converter, narrow);
  weigh_cells(cell_sigma(converter->input(), c));
  thresholds_differ_ = c.dnl_lsb > 0.0 || element_sigma(*converter, config.sensing) > 0.0;
  has_noise_ = c.thermal_noise || c.comparator_noise_mv > 0.0;
  const double levels = std::exp2(config.sensing.bits);
  for (std::uint32_t i = 0; i < segmentation.segments(); ++i) {
    const RowCircuit& row = circuit_of(i);
    SegmentReadout& s = segments_.emplace_back();
    s.used = row.used();
    s.unit = static_cast<float>(unit_);
    s.levels = static_cast<float>(levels);
    s.last_code = static_cast<float>(levels - 1.0);
    s.nearest = nearest_threshold_decides(*converter, config.sensing);
    s.volts_per_lsb = (delays_ ? row.supply_v() * s.used / 2.0 : row.full_scale_v()) / levels;
    if (delays_) s.ceiling = static_cast<float>(1.0 / relative_to_converter(c));
    set_noise(s, row);
  }
}

void RandomReadout::weigh_cells(double sigma) {
  double largest = 0.0;
  for (const RowCircuit& row : rows_) {
    if (delays_) continue;
    for (const RowReading& reading : row.readings().all())
      for (const double weight : reading.weights) largest = std::max(largest, std::abs(weight));
  }
  constexpr double fine = 4096.0;  // steps of the largest weight where cells are alike
  constexpr double of_weights = CellMismatch::most_steps - 8.0 * CellMismatch::steps_per_sigma;  // the rest is z
  unit_ = sigma > 0.0 ? std::max(sigma / CellMismatch::steps_per_sigma, largest / of_weights) : largest / fine;
  cells_differ_ = unit_ > 0.0;
  if (largest == 0.0) return;
  steps_per_sigma_ = sigma / unit_;
  for (const RowCircuit& row : rows_) {
    CellWeights& weights = weights_.emplace_back();
    for (const RowReading& reading : row.readings().all()) {
      std::vector<std::int32_t>& steps = weights.kinds.emplace_back();
      for (const double weight : reading.weights)
        steps.push_back(static_cast<std::int32_t>(std::nearbyint(weight / unit_)));
    }
    for (std::uint32_t row_of_array = 0; row_of_array < config_.array.rows; ++row_of_array)
      weights.kind_of_row.push_back(row.readings().kind_of(row_of_array));
  }
}

void RandomReadout::set_noise(SegmentReadout& segment, const RowCircuit& row) {
  const CircuitParams& c = config_.sensing.circuit;
  const ThermalNoise thermal = thermal_noise(delays_, c, row);
  const double comparator_v = 1e-3 * c.comparator_noise_mv;
  const double all_v = std::hypot(thermal.all_v(segment.used), comparator_v);
  segment.noise = static_cast<float>(all_v / segment.volts_per_lsb);
  if (all_v > 0.0)
    shares_.push_back({static_cast<float>(thermal.of_cell_v / all_v), static_cast<float>(thermal.rest_v / all_v),
                       static_cast<float>(comparator_v / all_v)});
  else
    shares_.emplace_back();
}

CellMismatch RandomReadout::cells(std::uint32_t core, std::uint32_t array, std::uint32_t rows,
                                  std::uint32_t columns) const {
  if (!cells_differ_) return {};
  return {config_.seed, core,
          array,        rows,
          columns,      steps_per_sigma_,
          weights_,     weights_.size() > 1 ? last_ : ~std::uint32_t{0}};
}

RowReadout RandomReadout::row(std::uint32_t segment, std::uint32_t row, const CellMismatch& cells,
                              const ConverterMismatch& converters) const {
  const CircuitParams& c = config_.sensing.circuit;
  const SegmentReadout& s = segments_[segment];
  const RowCircuit& circuit = circuit_of(segment);
  const double excess = static_cast<double>(s.unit) * cells.sum_of_capacitances(row, s.used);
  RowReadout readout;
  readout.offset = static_cast<float>(0.5 + converters.offset_v(row) / s.volts_per_lsb);
  readout.bow = static_cast<float>(4.0 * converters.bow_lsb(row));
  readout.thresholds = converters.thresholds(row);
  const double full_scale = 1.0 + converters.full_scale_error();
  if (delays_) {
    const double g = relative_to_converter(c);
    readout.scale = static_cast<float>(1.0 / s.used);
    readout.base = static_cast<float>((1.0 - g) / g - excess / s.used);
    readout.gain = static_cast<float>(g / full_scale);
    return readout;
  }
  const std::uint32_t columns = config_.array.columns;
  const RowCircuit::Line line =
      circuit.line(row, s.used + excess,
                   {actual_injection_fc(c, columns) * converters.injection(row),
                    actual_sampling_injection_fc(c, columns) * converters.sampling_injection(row)});
  readout.scale = static_cast<float>(line.slope_v / circuit.supply_v());
  readout.base = static_cast<float>(line.base_v / circuit.supply_v());
  readout.gain = static_cast<float>(circuit.supply_v() / (circuit.full_scale_v() * full_scale));
  return readout;
}

float RandomReadout::normal(std::uint32_t head_number, std::uint32_t query, std::uint32_t key,
                            std::uint32_t segment) const {
  if (!has_noise_) return 0.0f;
  const PhiloxCounter words =
      philox4x32({key, query / 4, head_number, segment}, philox_key(config_.seed, RandomStream::noise));
  const float of_row = NormalTable::get()(words[query % 4]);
  return noise_per_cell() ? shares_[segment].comparator * of_row + cells_normal(head_number, query, key, segment)
                          : of_row;
}

// The cells' noise and, as cell `used`, all else.
float RandomReadout::cells_normal(std::uint32_t head_number, std::uint32_t query, std::uint32_t key,
                                  std::uint32_t segment) const {
  constexpr std::uint32_t draws_per_segment = 2048;  // draws of four numbers, for 4096 columns and the rest
  const NormalTable& normal = NormalTable::get();
  const PhiloxKey philox = philox_key(config_.seed, RandomStream::cell_noise);
  const NoiseShares& shares = shares_[segment];
  PhiloxCounter words{};
  float sum = 0.0f;
  for (std::uint32_t cell = 0; cell <= segments_[segment].used; ++cell) {
    if (cell % 4 == 0) words = philox4x32({key, query, head_number, segment * draws_per_segment + cell / 4}, philox);
    sum += (cell < segments_[segment].used ? shares.cell : shares.rest) * normal(words[cell % 4]);
  }
  return sum;
}

}  // namespace capcam
