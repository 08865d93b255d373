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
#include "studies/compare/digital_binary.h"

namespace capcam::baseline {
namespace {

using Stop = std::function<bool()>;

Report run(const Config& config, const CompareRequest& request, const PreparedTrace& trace, const CardLibrary& cards,
           double share, const Stop& stop_requested) {
  StopWhen sink(stop_requested);
  SimulateOptions options;
  options.accuracy_share = share;
  options.results = &sink;
  options.cards = &cards;
  return simulate(config, trace, *fast_engine(request.threads), options);
}

// Returns the largest number from `low` to `high` at which a condition holds that holds up to some number.
std::optional<std::uint64_t> last_that(std::uint64_t low, std::uint64_t high, const auto& holds) {
  if (!holds(low)) return std::nullopt;
  while (low < high) {
    const std::uint64_t middle = low + (high - low + 1) / 2;
    if (holds(middle)) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

// Makes the candidates of one kind.
class Candidates {
 public:
  Candidates(const CompareRequest& request, const Config& config, const PreparedTrace& trace, const CardLibrary& cards,
             const Report& machine, const Stop& stop_requested)
      : request_(request),
        config_(config),
        trace_(trace),
        workload_(trace.workload(), config),
        shape_(trace.trace().shape),
        cards_(cards),
        machine_(machine),
        stop_requested_(stop_requested),
        heads_held_(heads_held(config, shape_)) {}

  std::vector<Candidate> all() const { return request_.kind == Kind::dense ? dense() : binary(); }

 private:
  Candidate dense_of(const DenseUnit& unit, const std::vector<std::vector<std::uint64_t>>& valid_keys) const {
    const DenseRun run = run_dense(unit, workload_, config_, valid_keys);
    Candidate candidate;
    candidate.unit = fmt::format(
        "blocks of {} queries, chunks of {} keys; a query has {} score lanes and {} value lanes, a block {} "
        "exponentials and {} outputs a cycle",
        unit.block, unit.chunk, unit.score_lanes, unit.value_lanes, unit.exp_lanes, unit.output_lanes);
    candidate.cycles = run.cycles;
    candidate.first_query_latency = run.first_query_latency;
    candidate.actions = dense_actions(run, unit, shape_);
    candidate.operations = 2.0 * static_cast<double>(run.counts.score_macs + run.counts.value_macs);
    candidate.prices = [unit, shape = shape_, heads = heads_held_](const CardLibrary& cards, const Config& config) {
      return dense_prices(unit, config, cards, shape, heads);
    };
    return candidate;
  }

  // Each block and chunk with the fewest lanes that are fast enough, or the most that are small enough.
  std::vector<Candidate> dense() const {
    const std::vector<std::vector<std::uint64_t>> valid_keys = valid_keys_of(workload_);
    const std::uint64_t most = config_.pipeline.decode == Decode::off ? std::min<std::uint64_t>(64, shape_.queries) : 1;
    std::vector<std::uint64_t> chunks{16, 64, 256};
    std::erase_if(chunks, [&](std::uint64_t chunk) { return chunk >= shape_.keys; });
    chunks.push_back(shape_.keys);
    std::vector<Candidate> found;
    for (std::uint64_t block = 1; block <= most; block *= 2) {
      for (const std::uint64_t chunk : chunks) {
        if (stop_requested_()) throw Interrupted();
        const auto unit = [&](std::uint64_t interval) {
          return unit_for_interval(interval, request_.format, block, chunk, config_, shape_);
        };
        const auto fast_enough = [&](std::uint64_t interval) {
          return run_dense(unit(interval), workload_, config_, valid_keys).cycles <= machine_.stats.cycles;
        };
        const auto too_large = [&](std::uint64_t interval) {
          const MachinePrices prices = dense_prices(unit(interval), config_, cards_, shape_, heads_held_);
          double area = 0.0;
          for (const auto* components : {&prices.components, &prices.overheads})
            for (const ComponentPrice& one : *components) area += one.area_um2.value;
          return area > machine_.cost.area_um2.value;
        };
        const std::uint64_t longest = longest_interval(shape_);
        if (request_.iso == Iso::throughput) {
          if (const auto interval = last_that(1, longest, fast_enough))
            found.push_back(dense_of(unit(*interval), valid_keys));
        } else if (const auto interval = last_that(0, longest, [&](std::uint64_t i) { return i == 0 || too_large(i); });
                   interval && *interval < longest) {
          found.push_back(dense_of(unit(*interval + 1), valid_keys));
        }
      }
    }
    return found;
  }

  std::vector<Candidate> binary() const {
    std::vector<Candidate> found;
    std::optional<BinaryUnit> fast_enough;  // a stream; with more key lanes it only grows
    for (const BinaryUnit& unit : binary_units(config_)) {
      const bool stream = unit.kind == BinaryKind::stream;
      if (request_.iso == Iso::throughput && stream && fast_enough && fast_enough->block == unit.block &&
          fast_enough->count == unit.count)
        continue;
      const Config machine = machine_of(unit, config_);
      const Report report = run(machine, request_, trace_, cards_, 0.0, stop_requested_);
      Candidate candidate;
      candidate.unit = unit.text();
      candidate.cycles = report.stats.cycles;
      candidate.first_query_latency = report.stats.first_query_latency;
      candidate.actions = binary_actions(report.stats.counts);
      candidate.prices = [unit, shape = shape_](const CardLibrary& cards, const Config& config) {
        return binary_prices(unit, config, cards, shape);
      };
      candidate.machine = std::make_shared<Config>(machine);
      if (stream && candidate.cycles <= machine_.stats.cycles) fast_enough = unit;
      found.push_back(std::move(candidate));
    }
    return found;
  }

  const CompareRequest& request_;
  const Config& config_;
  const PreparedTrace& trace_;
  const Workload workload_;
  const TraceShape& shape_;
  const CardLibrary& cards_;
  const Report& machine_;
  const Stop& stop_requested_;
  HeadsHeld heads_held_;  // by the dense unit
};

// Returns the place of the baseline among the candidates.
std::optional<std::size_t> best_of(const std::vector<Tried>& tried, Iso iso) {
  std::optional<std::size_t> best;
  const auto better = [&](const Tried& a, const Tried& b) {
    if (iso == Iso::area && a.cycles != b.cycles) return a.cycles < b.cycles;
    return a.energy_pj * a.area_um2 < b.energy_pj * b.area_um2;
  };
  for (std::size_t i = 0; i < tried.size(); ++i) {
    if (tried[i].meets && (!best || better(tried[i], tried[*best]))) best = i;
  }
  return best;
}

std::vector<double> figures_of(const Cost& cost, double head_queries, double time_ns) {
  return {cost.area_um2.value,
          cost.on_chip_pj.value / time_ns,
          cost.total_pj.value / time_ns,
          cost.on_chip_pj.value / head_queries,
          cost.dram_pj.value / head_queries,
          cost.total_pj.value / head_queries};
}

Figure saved(const Spread& ratio) { return {1.0 - ratio.value, 1.0 - ratio.high, 1.0 - ratio.low}; }

void compare_costs(Comparison& result, const Candidate& candidate, const Config& config, const CardLibrary& cards,
                   const TraceShape& shape) {
  const auto head_queries = static_cast<double>(result.machine.stats.head_queries);
  const Pricing both = [&](const CardLibrary& chosen, const Config& priced) {
    const double ns = 1.0 / priced.clock.frequency_ghz;
    std::vector<double> machine = figures_of(price(result.machine.stats, priced, chosen, &shape), head_queries,
                                             static_cast<double>(result.machine.stats.cycles) * ns);
    const std::vector<double> other =
        figures_of(cost_of(candidate, chosen, priced), head_queries, static_cast<double>(candidate.cycles) * ns);
    std::vector<double> all = machine;
    all.insert(all.end(), other.begin(), other.end());
    for (std::size_t i = 0; i < other.size(); ++i) all.push_back(machine[i] / other[i]);
    return all;
  };
  const CardChoices choices(cards, config);
  const std::vector<Spread> spreads = choices.spreads(both);
  const std::vector<std::vector<Swing>> swings = choices.swings(both);
  struct Named {
    const char *name, *unit;
    double factor;
  };
  constexpr std::array<Named, 6> names{{{"area", "mm^2", 1e-6},
                                        {"power on chip", "mW", 1.0},
                                        {"power with DRAM", "mW", 1.0},
                                        {"energy on chip", "nJ per head-query", 1e-3},
                                        {"energy of DRAM", "nJ per head-query", 1e-3},
                                        {"energy", "nJ per head-query", 1e-3}}};
  for (std::size_t i = 0; i < names.size(); ++i) {
    result.figures.push_back({names[i].name, names[i].unit, names[i].factor, spreads[i], spreads[names.size() + i],
                              spreads[2 * names.size() + i], swings[2 * names.size() + i]});
  }
  result.area = saved(result.figures[0].ratio);
  result.on_chip_power = saved(result.figures[1].ratio);
  result.power = saved(result.figures[2].ratio);
  result.on_chip_energy = saved(result.figures[3].ratio);
  result.energy = saved(result.figures[5].ratio);
}

}  // namespace

Comparison compare(const CompareRequest& request, const Trace& given, const Stop& stop_requested) {
  Config config = request.config;
  config.cost.loads = LoadAccounting::counted;
  const CardLibrary cards = read_cards(config, request.models);
  if (cards.priced_by != PricedBy::blocks)
    throw InputError(
        fmt::format("cost.library: {} is a table of modules, which has no digital baseline; use physical", cards.name));
  const PreparedTrace prepared(given);
  const Trace& trace = prepared.trace();
  Comparison result;
  result.machine = run(config, request, prepared, cards, request.accuracy_share, stop_requested);
  const std::vector<Candidate> candidates =
      Candidates(request, config, prepared, cards, result.machine, stop_requested).all();
  for (const Candidate& one : candidates) {
    const Cost cost = cost_of(one, cards, config);
    const bool meets = request.iso == Iso::throughput ? one.cycles <= result.machine.stats.cycles
                                                      : cost.area_um2.value <= result.machine.cost.area_um2.value;
    result.tried.push_back({one.unit, one.cycles, cost.total_pj.value, cost.area_um2.value, meets});
  }
  const std::optional<std::size_t> best = best_of(result.tried, request.iso);
  if (!best) {
    throw InputError(request.iso == Iso::throughput
                         ? fmt::format("no unit is as fast as the machine ({} cycles): memory.bandwidth_gb_s = {} "
                                       "cannot load its keys and values that fast, or its units take longer",
                                       result.machine.stats.cycles, config.memory.bandwidth_gb_s)
                         : fmt::format("--iso area: no unit is as small as the machine ({:.4f} mm^2)",
                                       result.machine.cost.area_um2.value / 1e6));
  }
  const Candidate& baseline = candidates[*best];
  result.unit = baseline.unit;
  result.cycles = baseline.cycles;
  result.operations = baseline.operations;
  result.first_query_latency = baseline.first_query_latency;
  result.cost = cost_of(baseline, cards, config);
  check_cost(result.cost);
  const bool dense = request.kind == Kind::dense;
  result.kind = request.kind;
  result.name = dense ? fmt::format("dense {}", request.format == KeyFormat::bf16 ? "bf16" : "int8") : "digital-binary";
  if (request.accuracy_share > 0.0 && dense) {
    const Workload workload(prepared.workload(), config);
    const KeyFormat other = request.format == KeyFormat::bf16 ? KeyFormat::int8 : KeyFormat::bf16;
    const std::vector<AccuracyFigures> figures = dense_accuracy(
        workload, config, std::array{request.format, other}, request.accuracy_share, request.threads, stop_requested);
    result.accuracy = figures[0];
    result.other_format = figures[1];
  } else if (request.accuracy_share > 0.0) {
    result.accuracy = measure_accuracy(*baseline.machine, prepared, *fast_engine(request.threads),
                                       request.accuracy_share, stop_requested)
                          .exact;
  }
  if (stop_requested()) throw Interrupted();
  compare_costs(result, baseline, config, cards, trace.shape);
  return result;
}

}  // namespace capcam::baseline
