// SPDX-License-Identifier: Apache-2.0
#include "studies/compare/dense_run.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace capcam::baseline {
namespace {

// The pipeline of one core, as the times when each stage handed its last query over.
class Pipeline {
 public:
  // Sends a query through and returns when its output is complete.
  std::uint64_t push(const StageTimes& times) {
    std::uint64_t ready = 0;  // time when the stage before hands over
    for (std::size_t stage = 0; stage < times.size(); ++stage) {
      const std::uint64_t start = std::max(ready, free_[stage]);
      if (stage > 0) free_[stage - 1] = start;  // a stage that cannot hand over is blocked
      ready = start + times[stage];
    }
    free_.back() = ready;
    return ready;
  }

 private:
  StageTimes free_{};
};

std::uint64_t bytes_of(NumberFormat format) { return format == NumberFormat::bf16 ? 2 : 4; }

}  // namespace

std::vector<std::vector<std::uint64_t>> valid_keys_of(const Workload& workload) {
  const TraceShape& shape = workload.trace().shape;
  std::vector<std::vector<std::uint64_t>> valid(workload.head_count());
  for (std::uint32_t head = 0; head < workload.head_count(); ++head) {
    const ValidKeyRule rule = workload.valid_keys(workload.id(head));
    for (std::uint32_t query = 0; query < shape.queries; ++query)
      valid[head].push_back(rule(query).count(0, static_cast<std::uint32_t>(shape.keys)));
  }
  return valid;
}

DenseRun run_dense(const DenseUnit& unit, const Workload& workload, const Config& config,
                   const std::vector<std::vector<std::uint64_t>>& valid_keys) {
  const TraceShape& shape = workload.trace().shape;
  const std::uint32_t cores = config.accelerator.cores;
  std::vector<Pipeline> pipelines(cores);
  std::vector<std::optional<std::uint32_t>> last_head(cores);
  DenseRun run;
  DenseCounts& counts = run.counts;
  for (std::uint32_t head = 0; head < workload.head_count(); ++head) {
    const std::uint32_t core = head % cores;  // heads are dealt in order
    if (!last_head[core] || !workload.same_keys(*last_head[core], head)) {
      counts.key_bytes += shape.keys * shape.head_dim * key_bits(unit.format) / 8;
      counts.value_bytes += shape.keys * shape.value_dim * bytes_of(config.value.format);
    }
    last_head[core] = head;
    const std::vector<std::uint64_t>& valid = valid_keys[head];
    for (std::size_t query = 0; query < valid.size(); ++query) {
      const StageTimes times = unit.times(valid[query], shape);
      const std::uint64_t done = pipelines[core].push(times);
      if (head == 0 && query == 0) run.first_query_latency = done;
      run.cycles = std::max(run.cycles, done);
      for (std::size_t stage = 0; stage < times.size(); ++stage) run.busy[stage] += times[stage];
      if (valid[query] == 0) continue;
      ++counts.queries;
      counts.keys += valid[query];
      counts.score_macs += valid[query] * shape.head_dim;
      counts.value_macs += valid[query] * shape.value_dim;
      counts.divisions += shape.value_dim;
    }
    // Queries that share reads are consecutive ones of a head; a read serves the one with the most valid keys.
    for (std::size_t first = 0; first < valid.size(); first += unit.shared_reads) {
      const std::size_t last = std::min(valid.size(), first + unit.shared_reads);
      const std::uint64_t most = *std::max_element(valid.begin() + static_cast<std::ptrdiff_t>(first),
                                                   valid.begin() + static_cast<std::ptrdiff_t>(last));
      counts.key_reads += DenseUnit::issues(most * shape.head_dim * unit.shared_reads, unit.score_lanes);
      counts.value_reads += DenseUnit::issues(most * shape.value_dim * unit.shared_reads, unit.value_lanes);
    }
  }
  counts.dram_key_bytes = config.memory.key_load == HeadLoad::modelled ? counts.key_bytes : 0;
  counts.dram_value_bytes = config.memory.value_source == ValueSource::dram_prefetch ? counts.value_bytes : 0;
  const double bytes_per_cycle = config.memory.bandwidth_gb_s / config.clock.frequency_ghz;
  run.memory_cycles = static_cast<std::uint64_t>(
      std::ceil(static_cast<double>(counts.dram_key_bytes + counts.dram_value_bytes) / bytes_per_cycle));
  run.cycles = std::max(run.cycles, run.memory_cycles);
  return run;
}

}  // namespace capcam::baseline
