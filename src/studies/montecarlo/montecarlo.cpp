// SPDX-License-Identifier: Apache-2.0
#include "studies/montecarlo/montecarlo.h"

#include <algorithm>
#include <cmath>

#include "capcam/converter.h"
#include "capcam/error.h"
#include "core/philox.h"
#include "kernels/circuit_figures.h"
#include "kernels/random_readout.h"
#include "kernels/sensing.h"

namespace capcam::montecarlo {
namespace {

class Sums {
 public:
  void add(double error_lsb, bool wrong) {
    ++rows_;
    sum_ += error_lsb;
    squares_ += error_lsb * error_lsb;
    absolute_ += std::abs(error_lsb);
    largest_ = std::max(largest_, std::abs(error_lsb));
    wrong_ += wrong ? 1 : 0;
  }
  Figures figures(std::uint32_t bits) const {
    Figures f;
    if (rows_ == 0) return f;
    const auto n = static_cast<double>(rows_);
    f.rows = rows_;
    f.mean_lsb = sum_ / n;
    f.deviation_lsb = std::sqrt(std::max(0.0, squares_ / n - f.mean_lsb * f.mean_lsb));
    f.mean_absolute_lsb = absolute_ / n;
    f.largest_lsb = largest_;
    f.wrong_codes = static_cast<double>(wrong_) / n;
    f.effective_bits = effective_bits(bits, std::hypot(f.mean_lsb, f.deviation_lsb));
    f.percent_of_full_scale = 100.0 * std::ldexp(f.mean_absolute_lsb, -static_cast<int>(bits));
    return f;
  }

 private:
  std::uint64_t rows_ = 0, wrong_ = 0;
  double sum_ = 0.0, squares_ = 0.0, absolute_ = 0.0, largest_ = 0.0;
};

// Draws numbers in order; they depend only on the key and the first three words.
class Stream {
 public:
  Stream(PhiloxKey key, std::uint32_t a, std::uint32_t b, std::uint32_t c) : key_(key), counter_{0, a, b, c} {}
  // Draws uniformly below `bound` (Lemire's multiplication; its bias, 2^-32 bound, is far below what is measured).
  std::uint32_t below(std::uint32_t bound) {
    if (next_ == 4) {
      words_ = philox4x32(counter_, key_);
      ++counter_[0];
      next_ = 0;
    }
    return static_cast<std::uint32_t>((std::uint64_t{words_[next_++]} * bound) >> 32);
  }

 private:
  PhiloxKey key_;
  PhiloxCounter counter_, words_{};
  std::size_t next_ = 4;
};

// Draws which m of the columns match; every choice is equally likely (Fisher and Yates).
void draw_matches(Stream& stream, std::uint32_t m, std::vector<std::uint32_t>& columns,
                  std::vector<std::uint64_t>& matching) {
  std::fill(matching.begin(), matching.end(), 0);
  for (std::uint32_t i = 0; i < m; ++i) {
    const std::uint32_t other = i + stream.below(static_cast<std::uint32_t>(columns.size()) - i);
    std::swap(columns[i], columns[other]);
    matching[columns[i] / 64] |= std::uint64_t{1} << (columns[i] % 64);
  }
}

}  // namespace

void Histogram::add(double error_lsb) {
  const double bin = std::floor(error_lsb * bins_per_lsb) + lsb_range * bins_per_lsb;
  ++counts[static_cast<std::size_t>(std::clamp(bin, 0.0, static_cast<double>(counts.size() - 1)))];
}

Config at(const Config& config, const Condition& condition) {
  Config changed = config;
  CircuitParams& circuit = changed.sensing.circuit;
  circuit.corner = condition.corner;
  circuit.temperature_c = condition.temperature_c;
  circuit.supply_error = condition.supply_error;
  return changed;
}

Outcome sense(const Request& request, const StopRequested& stop_requested) {
  const std::uint32_t columns = request.config.array.columns, rows = request.config.array.rows,
                      bits = request.config.sensing.bits;
  const Segmentation row{columns, columns};
  Config ideal_config;
  ideal_config.sensing.kind = request.config.sensing.kind;
  ideal_config.sensing.bits = bits;
  const Sensing ideal(ideal_config, row);
  const PhiloxKey key = philox_key(request.config.seed, RandomStream::searches);
  const std::vector<std::uint64_t> query((columns + 63) / 64, ~std::uint64_t{0});
  std::vector<std::uint64_t> matching(query.size());
  std::vector<std::uint32_t> order(columns);
  for (std::uint32_t i = 0; i < columns; ++i) order[i] = i;

  const bool spaced = make_converter(request.config.sensing)->decision_levels().empty();
  Outcome outcome;
  Sums all;
  for (const Condition& condition : request.conditions) {
    const RandomReadout readout(at(request.config, condition), row);
    const SegmentReadout& segment = readout.segment(0);
    Sums sums;
    for (std::uint32_t instance = 0; instance < request.instances; ++instance) {
      if (stop_requested()) throw Interrupted();
      const CellMismatch cells = readout.cells(instance, 0, rows, columns);
      const ConverterMismatch converters = readout.converters(instance, 0, rows);
      for (std::uint32_t r = 0; r < rows; ++r) {
        const RowReadout of_row = readout.row(0, r, cells, converters);
        for (std::uint32_t search = 0; search < request.searches; ++search) {
          Stream stream(key, r, search, instance);
          const std::uint32_t m = stream.below(columns + 1);
          draw_matches(stream, m, order, matching);
          const std::int32_t of_cells = sum_of_matching_cells(cells.row(r), columns, query, matching);
          const float normal = readout.normal(instance, search, r, 0);
          const double wanted = std::ldexp(static_cast<double>(m), static_cast<int>(bits)) / columns + 0.5;
          const float input = segment.input(m, of_cells, of_row, normal);
          const double error = (spaced ? segment.as_decided(input, of_row) : input) - wanted;
          const bool wrong = segment.code(m, of_cells, of_row, normal) != ideal.code(0, m);
          sums.add(error, wrong);
          all.add(error, wrong);
          outcome.histogram.add(error);
        }
      }
    }
    outcome.by_condition.push_back(sums.figures(bits));
  }
  outcome.figures = all.figures(bits);
  return outcome;
}

std::vector<Without> switch_off_one_at_a_time(const Request& request, const StopRequested& stop_requested) {
  std::vector<Without> table;
  for (const Contributor& contributor : contributors()) {
    Request without = request;
    const bool on = std::any_of(request.conditions.begin(), request.conditions.end(), [&](const Condition& condition) {
      return contributor.on(request.config.sensing, condition);
    });
    if (!on) continue;
    for (Condition& condition : without.conditions) contributor.off(without.config.sensing, condition);
    table.push_back({contributor.name, sense(without, stop_requested).figures});
  }
  std::stable_sort(table.begin(), table.end(), [](const Without& a, const Without& b) {
    return a.figures.mean_absolute_lsb < b.figures.mean_absolute_lsb;
  });
  return table;
}

}  // namespace capcam::montecarlo
