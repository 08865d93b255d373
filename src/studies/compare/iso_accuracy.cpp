// SPDX-License-Identifier: Apache-2.0
#include "studies/compare/iso_accuracy.h"

#include <algorithm>
#include <bit>

#include "capcam/error.h"
#include "capcam/simulate.h"
#include "mapping/mapping.h"

namespace capcam::baseline {
namespace {

class Trials {
 public:
  Trials(const Config& config, const Trace& trace, double share, unsigned threads, const std::function<bool()>& stop)
      : config_(config), trace_(trace), share_(share), engine_(fast_engine(threads)), stop_(stop) {}

  double error(std::uint32_t n, std::uint32_t bits) {
    for (const Trial& trial : tried) {
      if (trial.n == n && trial.bits == bits) return trial.relative_l2;
    }
    if (stop_()) throw Interrupted();
    Config config = config_;
    config.top_n.n = n;
    config.top_n.register_entries = std::max(config.top_n.register_entries, n + config.array.rows);
    config.sensing.bits = bits;
    const Accuracy accuracy = measure_accuracy(config, trace_, *engine_, share_, stop_);
    tried.push_back({n, bits, accuracy.exact.value_or(AccuracyFigures{}).relative_l2});
    return tried.back().relative_l2;
  }

  std::vector<Trial> tried;

 private:
  const Config& config_;
  const PreparedTrace trace_;
  double share_;
  std::unique_ptr<Engine> engine_;
  const std::function<bool()>& stop_;
};

}  // namespace

IsoAccuracy smallest_within(double within, const Config& config, const Trace& trace, double share, unsigned threads,
                            const std::function<bool()>& stop_requested) {
  const Mapping mapping = map_onto(trace.shape, config);
  const std::uint32_t columns = std::min(config.array.columns, static_cast<std::uint32_t>(trace.shape.head_dim));
  const auto most_bits = static_cast<std::uint32_t>(std::bit_width(columns));
  const std::uint32_t of_tile = config.top_n.tile_k > 0 ? std::min(config.top_n.tile_k, mapping.rows) : mapping.rows;
  const std::uint32_t most = std::min(mapping.keys, of_tile * mapping.tiles);
  Trials trials(config, trace, share, threads, stop_requested);
  IsoAccuracy result;
  result.within = within;
  std::uint32_t high = 1;
  while (high < most && trials.error(high, most_bits) > within) high = std::min(most, 2 * high);
  if (trials.error(high, most_bits) <= within) {
    std::uint32_t low = high / 2;  // too few, or none
    while (high - low > 1) {
      const std::uint32_t middle = low + (high - low) / 2;
      (trials.error(middle, most_bits) <= within ? high : low) = middle;
    }
    for (std::uint32_t bits = 1; bits <= most_bits && !result.found; ++bits) {
      if (const double error = trials.error(high, bits); error <= within) result.found = Trial{high, bits, error};
    }
  }
  result.tried = std::move(trials.tried);
  return result;
}

}  // namespace capcam::baseline
