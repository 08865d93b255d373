// SPDX-License-Identifier: Apache-2.0
#include "studies/compare/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "capcam/error.h"
#include "capcam/simulate.h"
#include "cost/cards/library.h"
#include "studies/compare/dense_attention.h"
#include "studies/compare/dense_prices.h"

namespace capcam::baseline {
namespace {

Report run_machine(const CompareRequest& request, const PreparedTrace& trace, const CardLibrary& cards,
                   const std::function<bool()>& stop_requested) {
  StopWhen sink(stop_requested);
  SimulateOptions options;
  options.accuracy_share = request.accuracy_share;
  options.results = &sink;
  options.cards = &cards;
  return simulate(request.config, trace, *fast_engine(request.threads), options);
}

// Returns the smallest number from `low` to `high` at which a condition holds that holds from some number on.
std::optional<std::uint64_t> first_that(std::uint64_t low, std::uint64_t high, const auto& holds) {
  if (!holds(high)) return std::nullopt;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (holds(middle)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

class Sizer {
 public:
  Sizer(const CompareRequest& request, const Workload& workload, const CardLibrary& cards)
      : request_(request), workload_(workload), cards_(cards), valid_keys_(valid_keys_of(workload)) {}

  DenseUnit unit(std::uint64_t interval) const {
    return unit_for_interval(interval, request_.format, request_.config, workload_.trace().shape);
  }
  DenseRun run(std::uint64_t interval) const {
    return run_dense(unit(interval), workload_, request_.config, valid_keys_);
  }
  double area_um2(std::uint64_t interval) const {
    double area = 0.0;
    for (const ComponentPrice& component :
         dense_prices(unit(interval), request_.config, cards_, workload_.trace().shape).components)
      area += component.area_um2.value;
    return area;
  }

  std::uint64_t interval_for(const Report& machine) const {
    const std::uint64_t least = shortest_interval(request_.config);
    const std::uint64_t most = longest_interval(request_.config, workload_.trace().shape);
    if (request_.iso == Iso::area) {
      const auto found = first_that(
          least, most, [&](std::uint64_t interval) { return area_um2(interval) <= machine.cost.area_um2.value; });
      if (found) return *found;
      throw InputError(
          fmt::format("--iso area: a dense unit of one lane each already takes {:.4f} mm^2 (keys and values "
                      "of a head in SRAM), the machine {:.4f} mm^2",
                      area_um2(most) / 1e6, machine.cost.area_um2.value / 1e6));
    }
    // This is the first interval that is too long, less one.
    const auto too_slow = [&](std::uint64_t interval) { return run(interval).cycles > machine.stats.cycles; };
    const std::optional<std::uint64_t> found = first_that(least, most, too_slow);
    if (!found) return most;
    if (*found > least) return *found - 1;
    throw InputError(
        fmt::format("no number of lanes is as fast as the machine ({} cycles): units take {} cycles, or "
                    "memory.bandwidth_gb_s = {} cannot load keys and values that fast",
                    machine.stats.cycles, least - 1, request_.config.memory.bandwidth_gb_s));
  }

 private:
  const CompareRequest& request_;
  const Workload& workload_;
  const CardLibrary& cards_;
  std::vector<std::vector<std::uint64_t>> valid_keys_;
};

// Returns the share that the machine saves. The interval takes the one's low with the other's high.
Figure reduction(const Figure& machine, const Figure& dense) {
  return {1.0 - machine.value / dense.value, 1.0 - machine.high / dense.low, 1.0 - machine.low / dense.high};
}

}  // namespace

Comparison compare_with_dense(const CompareRequest& request, const Trace& given,
                              const std::function<bool()>& stop_requested) {
  const CardLibrary cards = read_cards(request.config);
  const PreparedTrace prepared(given);
  const Trace& trace = prepared.trace();
  const Workload workload(prepared.workload(), request.config);
  const Sizer sizer(request, workload, cards);
  dense_prices(sizer.unit(longest_interval(request.config, trace.shape)), request.config, cards,
               trace.shape);  // throws if these cards cannot price it

  Comparison result;
  result.machine = run_machine(request, prepared, cards, stop_requested);
  result.interval = sizer.interval_for(result.machine);
  result.unit = sizer.unit(result.interval);
  result.dense = sizer.run(result.interval);
  const double dense_ns = static_cast<double>(result.dense.cycles) / request.config.clock.frequency_ghz;
  result.dense_cost = add_up(dense_prices(result.unit, request.config, cards, trace.shape), dense_actions(result.dense),
                             cards, dense_ns);
  check_cost(result.dense_cost);
  if (request.accuracy_share > 0.0) {
    const KeyFormat other = request.format == KeyFormat::bf16 ? KeyFormat::int8 : KeyFormat::bf16;
    const std::vector<AccuracyFigures> figures =
        dense_accuracy(workload, request.config, std::array{request.format, other}, request.accuracy_share,
                       request.threads, stop_requested);
    result.accuracy = figures[0];
    result.other_format = figures[1];
  }
  if (stop_requested()) throw Interrupted();

  const Cost& machine = result.machine.cost;
  const Cost& dense = result.dense_cost;
  const double times = dense_ns / 1e3 / result.machine.time_us;  // machine power over energy, dense power over energy
  result.area = reduction(machine.area_um2, dense.area_um2);
  result.on_chip_energy = reduction(machine.on_chip_pj, dense.on_chip_pj);
  result.energy = reduction(machine.total_pj, dense.total_pj);
  result.on_chip_power = reduction(times * machine.on_chip_pj, dense.on_chip_pj);
  result.power = reduction(times * machine.total_pj, dense.total_pj);
  return result;
}

}  // namespace capcam::baseline
