// Cycles and uses of the published design.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include "capcam/error.h"
#include "cost/actions.h"
#include "studies/reproduce/camformer/camformer.h"

namespace capcam::reproduce {
namespace {

constexpr double ns_per_s = 1e9;  // a cycle is 1 ns
constexpr Size lone{1, 1, 1024, 64};

double busy(const Report& report, std::string_view stage) {
  for (const StageCycles& cycles : report.stats.stages) {
    if (cycles.name == stage) return static_cast<double>(cycles.busy);
  }
  throw LawBroken("reproduce: no stage " + std::string(stage));
}

// Returns the uses of a component per head-query: the given actions, divided over `units` that work at once.
OurFigure uses(const Report& report, const std::string& component, const std::vector<std::string>& actions,
               double units = 1.0) {
  double count = 0.0;
  for (const Action& action : list_actions(report.stats.counts)) {
    if (action.component == component && std::find(actions.begin(), actions.end(), action.name) != actions.end())
      count += static_cast<double>(action.count);
  }
  return {component, count / units / head_queries(report), {}, {}};
}

OurTable stage_cycles(Machines& machines) {
  const Report& alone = machines.run("camformer", {}, lone);
  const Report& unpipelined = machines.run("camformer", {"value.pipelined_mac=false"}, lone);
  const double latency = static_cast<double>(alone.stats.first_query_latency);
  const double interval = published_design(machines).stats.steady_interval_cycles;
  const double honest_interval = honest_design(machines).stats.steady_interval_cycles;
  return {"cycles",
          {{"association", busy(alone, "association"), {}, {}},
           {"normalization", busy(alone, "normalization"), {}, {}},
           {"contextualization", busy(alone, "contextualization"), {}, {}},
           {"contextualization_not_pipelined", busy(unpipelined, "contextualization"), {}, {}},
           {"lone", latency, {}, {}},
           {"interval", interval, {}, honest_interval},
           {"attention_per_s_lone", ns_per_s / latency, {}, {}},
           {"attention_per_s", ns_per_s / interval, {}, ns_per_s / honest_interval}}};
}

OurTable use_counts(Machines& machines) {
  const Report& report = published_design(machines);
  const double rows = report.config.array.rows;
  const double lanes = report.config.value.lanes;
  return {"uses",
          {uses(report, "query_buffer", {"write", "read"}), uses(report, "key_sram", {"read"}),
           uses(report, "cam_array", {"program", "search"}), uses(report, "converter", {"convert"}, rows),
           uses(report, "score_scaler", {"scale"}, rows), uses(report, "tile_selector", {"select"}),
           uses(report, "candidate_register", {"write"}), uses(report, "merger", {"merge"}),
           uses(report, "exp_table", {"lookup"}), uses(report, "softmax_divider", {"divide"}),
           uses(report, "softmax_accumulator", {"add"}), uses(report, "output_buffer", {"write", "read"}),
           uses(report, "value_sram", {"write", "read"}), uses(report, "value_mac", {"mac"}, lanes),
           uses(report, "dram", {"access"})}};
}

}  // namespace

std::vector<OurTable> timing_tables(Machines& machines) { return {stage_cycles(machines), use_counts(machines)}; }

}  // namespace capcam::reproduce
