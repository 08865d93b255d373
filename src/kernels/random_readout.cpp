// SPDX-License-Identifier: Apache-2.0
#include "kernels/random_readout.h"

#include <cmath>

#include "capcam/converter.h"
#include "capcam/error.h"
#include "config/conditions.h"
#include "core/philox.h"
#include "kernels/converter_elements.h"
#include "kernels/decision.h"
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
      return delay_spread(circuit);
  }
  throw LawBroken("cell_sigma: unknown input");
}

// The parts of a row's thermal noise, in volts: of each cell, and of all else together.
struct ThermalNoise {
  double of_cell_v = 0.0, rest_v = 0.0;
};

ThermalNoise thermal_noise(const CircuitParams& circuit, const RowCircuit& row) {
  const double kt = boltzmann * kelvin(circuit);
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
      element_sigma(*converter, config.sensing) > 0.0 || undecided_v(config, *converter) > 0.0)
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
  delay_rows_.emplace_back(config, full);
  if (narrow != full) {
    rows_.emplace_back(config, *converter, narrow);
    delay_rows_.emplace_back(config, narrow);
  }
  weigh_cells(cell_sigma(converter->input(), c));
  const double undecided_v = capcam::undecided_v(config, *converter);
  has_noise_ = c.thermal_noise || c.comparator_noise_mv > 0.0 || undecided_v > 0.0;
  const double levels = std::exp2(config.sensing.bits);
  for (std::uint32_t i = 0; i < segmentation.segments(); ++i) {
    const RowCircuit& row = of_segment(rows_, i);
    const DelayRow& delays = of_segment(delay_rows_, i);
    SegmentReadout& s = segments_.emplace_back();
    s.used = row.used();
    s.unit = static_cast<float>(unit_);
    s.levels = static_cast<float>(levels);
    s.last_code = static_cast<float>(levels - 1.0);
    s.volts_per_lsb = delays_ ? row.supply_v() / 2.0 : row.full_scale_v() / levels;
    if (delays_) {
      s.floor = static_cast<float>(delays.least_input() / delays.relative());
      s.ceiling = static_cast<float>(1.0 / delays.relative());
    }
    set_noise(s, row, delays, undecided_v);
  }
  volts_per_lsb_ = {segments_.front().volts_per_lsb};
  if (segments_.back().volts_per_lsb != volts_per_lsb_[0]) volts_per_lsb_.push_back(segments_.back().volts_per_lsb);
  const double comparators_lsb = largest_comparator_lsb(*converter, config.sensing, volts_per_lsb_);
  thresholds_differ_ = c.dnl_lsb > 0.0 || element_sigma(*converter, config.sensing) > 0.0 || comparators_lsb > 0.0;
  for (SegmentReadout& s : segments_)
    s.nearest = nearest_threshold_decides(*converter, config.sensing, comparators_lsb);
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

// The shares of delays are those of a row in which half of the cells match; their squares sum to 1 at any match count.
void RandomReadout::set_noise(SegmentReadout& segment, const RowCircuit& row, const DelayRow& delays,
                              double undecided_v) {
  const CircuitParams& c = config_.sensing.circuit;
  const double comparator_lsb = std::hypot(1e-3 * c.comparator_noise_mv, undecided_v) / segment.volts_per_lsb;
  double cell_lsb = 0.0, rest_lsb = 0.0, constant_lsb = 0.0;
  if (c.thermal_noise && delays_) {
    const double squares = segment.levels * segment.levels;
    constant_lsb = segment.levels * std::sqrt(delays.jitter_square());
    segment.noise_square_per_mismatch = static_cast<float>(squares * delays.jitter_square_per_mismatch());
    cell_lsb = std::sqrt(squares * (delays.jitter_square() / segment.used + 0.5 * delays.jitter_square_per_mismatch()));
  } else if (c.thermal_noise) {
    const ThermalNoise thermal = thermal_noise(c, row);
    cell_lsb = thermal.of_cell_v / segment.volts_per_lsb;
    rest_lsb = thermal.rest_v / segment.volts_per_lsb;
    constant_lsb = std::hypot(cell_lsb * std::sqrt(segment.used), rest_lsb);
  }
  segment.noise = static_cast<float>(std::hypot(constant_lsb, comparator_lsb));
  const double all_lsb =
      std::sqrt(segment.used * cell_lsb * cell_lsb + rest_lsb * rest_lsb + comparator_lsb * comparator_lsb);
  if (all_lsb > 0.0)
    shares_.push_back({static_cast<float>(cell_lsb / all_lsb), static_cast<float>(rest_lsb / all_lsb),
                       static_cast<float>(comparator_lsb / all_lsb)});
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
  const RowCircuit& circuit = of_segment(rows_, segment);
  const double excess = static_cast<double>(s.unit) * cells.sum_of_capacitances(row, s.used);
  RowReadout readout;
  readout.offset = static_cast<float>(0.5 + converters.offset_v(row) / s.volts_per_lsb);
  readout.bow = static_cast<float>(4.0 * converters.bow_lsb(row));
  readout.thresholds = converters.thresholds(row, segment + 1 == segments_.size());
  const double full_scale = 1.0 + converters.full_scale_error();
  if (delays_) {
    const DelayRow& delays = of_segment(delay_rows_, segment);
    const double g = delays.relative();
    readout.scale = static_cast<float>(1.0 / s.used);
    readout.base = static_cast<float>((1.0 - g) / g - (1.0 + delays.passing_share()) * excess / s.used);
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
