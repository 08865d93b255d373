// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "capcam/error.h"
#include "engines/systemc/core.h"
#include "kernels/sensing.h"

namespace capcam {
namespace {

using Cores = std::vector<std::unique_ptr<Core>>;

// Adds up a stage's units over all cores.
class StageSum {
 public:
  StageSum(RunStats& stats, const char* name) : stats_(stats) { stats.stages.push_back({name, 0, 0, 0, 0}); }
  void add(const auto& ledger) {
    StageCycles& stage = stats_.stages.back();
    ++stage.units;
    stage.busy += ledger.busy();
    stage.blocked += ledger.blocked();
    stage.starved += ledger.starved();
  }

 private:
  RunStats& stats_;
};

void close_books(Cores& cores, Cycle end) {
  for (const auto& core : cores) {
    for (const auto& array : core->arrays) {
      array->key_programming.finish(end);
      array->cam_array.finish(end);
      array->sensing.finish(end);
    }
    core->tile_selection->finish(end);
    core->candidate_merge->finish(end);
    if (core->prefetch) core->prefetch->finish(end);
    core->softmax->finish(end);
    core->value_accumulate->finish(end);
  }
}

void sum_stages(const Cores& cores, RunStats& stats) {
  const auto each_core = [&](const char* name, auto ledger) {
    StageSum sum(stats, name);
    for (const auto& core : cores) sum.add(ledger(*core));
  };
  const auto each_array = [&](const char* name, auto ledger) {
    StageSum sum(stats, name);
    for (const auto& core : cores) {
      for (const auto& array : core->arrays) sum.add(ledger(*array));
    }
  };
  each_core("association", [](const Core& c) -> const Ledger& { return c.candidate_merge->association; });
  each_core("normalization", [](const Core& c) -> const Ledger& { return c.softmax->normalization; });
  each_core("contextualization", [](const Core& c) -> const Ledger& { return c.value_accumulate->ledger; });
  each_array("key_programming", [](const ArrayUnit& a) -> const Ledger& { return a.key_programming.ledger; });
  each_array("cam_array", [](const ArrayUnit& a) -> const Ledger& { return a.cam_array.ledger; });
  each_array("sensing", [](const ArrayUnit& a) -> const Ledger& { return a.sensing.ledger; });
  StageSum tile_selection(stats, "tile_selection");
  for (const auto& core : cores) {
    for (const Ledger& ledger : core->tile_selection->ledgers) tile_selection.add(ledger);
  }
  each_core("merge", [](const Core& c) -> const Ledger& { return c.candidate_merge->merge; });
  each_core("softmax", [](const Core& c) -> const Ledger& { return c.softmax->softmax; });
  StageSum prefetch(stats, "prefetch");
  StateLedger nothing_to_fetch;  // value rows lie in the SRAM
  nothing_to_fetch.finish(stats.cycles);
  for (const auto& core : cores) prefetch.add(core->prefetch ? core->prefetch->ledger : nothing_to_fetch);
}

void sum_completions(const Cores& cores, RunStats& stats) {
  std::uint64_t intervals = 0, span = 0;
  for (const auto& core : cores) {
    const ValueAccumulate& last = *core->value_accumulate;
    stats.cycles = std::max(stats.cycles, last.last_completion());
    stats.head_queries += last.completed();
    if (last.completed() < 2) continue;
    intervals += last.completed() - 1;
    span += last.last_completion() - last.first_completion();
  }
  stats.first_query_latency = cores.front()->value_accumulate->first_completion();
  stats.steady_interval_cycles =
      intervals > 0 ? static_cast<double>(span) / static_cast<double>(intervals) : static_cast<double>(stats.cycles);
}

void check_all_done(Cores& cores, const Dram& dram, std::uint64_t expected, std::uint64_t completed) {
  if (completed == expected) return;
  std::string text = fmt::format("no progress at cycle {}: {} of {} head-queries are done and no stage can go on\n  {}",
                                 cores.front()->dispatch->cycle(), completed, expected, dram.state());
  for (const auto& core : cores) {
    for (const Stage* stage : core->stages()) text += "\n  " + stage->state();
  }
  throw LawBroken(text);
}

}  // namespace

RunStats simulate_systemc(const Workload& workload, const Config& config, const Mapping& mapping, ResultSink& sink,
                          const WatchOptions& watch_options, DramLog* dram_log) {
  Clock clock(config.clock.frequency_ghz);
  const Sensing sensing(config.sensing, mapping.segmentation);
  RunStats stats;
  stats.heads.resize(workload.head_count());
  Dram dram("dram", clock, config, dram_log);
  const Machine machine{clock, workload, config, mapping, sensing, dram, sink, stats};
  Cores cores;
  for (std::uint32_t core = 0; core < config.accelerator.cores; ++core)
    cores.push_back(std::make_unique<Core>(fmt::format("core{}", core).c_str(), machine, core));
  std::optional<Watch> watch;
  if (watch_options.vcd || watch_options.timeline) {
    watch.emplace(watch_options, clock.period_fs());
    for (std::uint32_t core = 0; core < cores.size(); ++core) watch->attach(core, *cores[core]);
  }
  for (const auto& core : cores) core->start();
  // Or an interrupted run says "Simulation stopped by user." on stdout, amid the report.
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);

  try {
    sc_core::sc_start();
  } catch (const sc_core::sc_report& report) {  // what a module threw comes out as a report of the kernel
    throw LawBroken(report.what());
  }
  if (sink.stop_requested()) throw Interrupted();

  sum_completions(cores, stats);
  check_all_done(cores, dram, std::uint64_t{workload.head_count()} * workload.trace().shape.queries,
                 stats.head_queries);
  close_books(cores, stats.cycles);
  sum_stages(cores, stats);
  if (watch) stats.warnings = watch->finish(stats.cycles);
  return stats;
}

namespace {

class SystemcEngine final : public Engine {
 public:
  explicit SystemcEngine(const WatchOptions& watch) : watch_(watch) {}
  std::string_view name() const override { return "systemc"; }
  RunStats run(const EngineTask& task) const override {
    return simulate_systemc(task.workload, task.config, task.mapping, task.results, watch_, task.dram_log);
  }

 private:
  WatchOptions watch_;
};

}  // namespace

std::unique_ptr<Engine> systemc_engine(const WatchOptions& watch) { return std::make_unique<SystemcEngine>(watch); }

}  // namespace capcam
