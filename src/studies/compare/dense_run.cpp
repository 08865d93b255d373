// SPDX-License-Identifier: Apache-2.0
#include "studies/compare/dense_run.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace capcam::baseline {
namespace {

// The pipeline of one core. Between two stages lie two chunks: one is filled while the other is used.
class Pipeline {
 public:
  // Sends a chunk through and returns when it leaves the last stage.
  std::uint64_t push(const StageTimes& issues, const StageTimes& latencies) {
    std::uint64_t ready = 0;  // time when the stage before has it
    for (std::size_t stage = 0; stage < issues.size(); ++stage) {
      std::uint64_t start = std::max(ready, free_[stage]);
      // The first result lies in the place of two chunks before, after the latency.
      const std::uint64_t place = stage + 1 < issues.size() ? done_[stage + 1][number_ % 2] : 0;
      if (place > latencies[stage]) start = std::max(start, place - latencies[stage]);
      free_[stage] = start + issues[stage];
      ready = free_[stage] + (issues[stage] > 0 ? latencies[stage] : 0);
      done_[stage][number_ % 2] = free_[stage];
    }
    ++number_;
    return ready;
  }

 private:
  StageTimes free_{};
  std::array<std::array<std::uint64_t, 2>, 4> done_{};
  std::uint64_t number_ = 0;
};

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
      counts.key_bytes += shape.keys * shape.head_dim * number_bits(unit.format) / 8;
      counts.value_bytes += shape.keys * shape.value_dim * number_bits(unit.format) / 8;
    }
    last_head[core] = head;
    const std::vector<std::uint64_t>& valid = valid_keys[head];
    for (std::size_t first = 0; first < valid.size(); first += unit.block) {
      const std::size_t last = std::min<std::size_t>(valid.size(), first + unit.block);
      std::uint64_t most = 0;  // a read serves the query with the most valid keys
      for (std::size_t query = first; query < last; ++query) {
        most = std::max(most, valid[query]);
        if (valid[query] == 0) continue;
        ++counts.queries;
        counts.query_elements += shape.head_dim;
        counts.keys += valid[query];
        counts.score_macs += valid[query] * shape.head_dim;
        counts.value_macs += valid[query] * shape.value_dim;
        counts.folded_outputs += pieces(valid[query], unit.chunk) * shape.value_dim;
        counts.outputs += shape.value_dim;
      }
      counts.key_rows += most;
      counts.value_rows += most;
      std::uint64_t done = 0;
      for (std::uint64_t key = 0; key < most; key += unit.chunk) {
        const std::uint64_t keys = std::min(unit.chunk, most - key);
        const StageTimes issues = unit.issues(keys, key + keys == most, shape);
        done = pipelines[core].push(issues, unit.latencies());
        for (std::size_t stage = 0; stage < issues.size(); ++stage) run.busy[stage] += issues[stage];
      }
      if (head == 0 && first == 0) run.first_query_latency = done;
      run.cycles = std::max(run.cycles, done);
    }
  }
  const double bytes_per_cycle = config.memory.bandwidth_gb_s / config.clock.frequency_ghz;
  run.memory_cycles = static_cast<std::uint64_t>(
      std::ceil(static_cast<double>(counts.key_bytes + counts.value_bytes) / bytes_per_cycle));
  run.cycles = std::max(run.cycles, run.memory_cycles);
  return run;
}

}  // namespace capcam::baseline
