// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <string_view>

#include "capcam/error.h"
#include "engines/systemc/dram_channel.h"
#include "machine/stages.h"

namespace capcam::systemc {
namespace {

std::uint64_t head_queries(const Workload& workload) {
  return std::uint64_t{workload.head_count()} * workload.trace().shape.queries;
}

void add(RunStats& stats, Stage stage, const auto& ledger) {
  StageCycles& sum = stats.stages[index_of(stage)];
  sum.busy += static_cast<std::uint64_t>(ledger.busy());
  sum.blocked += static_cast<std::uint64_t>(ledger.blocked());
  sum.starved += static_cast<std::uint64_t>(ledger.starved());
}

// So many cycles in which no module does anything are no progress, whatever a memory from outside is doing.
constexpr Cycle patience = Cycle{1} << 24;

}  // namespace

Machine::Machine(const EngineTask& task, const SystemcOptions& options, const StageMakers& make)
    : task_(task),
      times_(task.config, task.mapping, task.workload.trace().shape),
      layout_(task.workload, task.config, task.mapping),
      sensing_(task.config, task.mapping.segmentation),
      heads_(task.workload),
      clock(task.config.clock.frequency_ghz),
      collector("collector", clock, task.results, stats_.heads, task.config.accelerator.cores,
                head_queries(task.workload)) {
  stats_.heads.resize(task.workload.head_count());
  if (options.memory) {
    memory = options.memory({task.config, sc_core::sc_time::from_value(clock.period_fs())});
  } else {
    memory = std::make_unique<DramChannel>("dram", clock, task.config);
  }
  memory->answers(*this);
  const Context context{clock,   task.workload, task.config, task.mapping,  times_,
                        layout_, sensing_,      heads_,      stats_.counts, task.dram_log};
  for (std::uint32_t core = 0; core < task.config.accelerator.cores; ++core) {
    cores.push_back(
        std::make_unique<Core>(fmt::format("core{}", core).c_str(), context.at(core), make, *memory, stats_.heads));
    collector.outputs(cores.back()->outputs);
  }
}

void Machine::answer(std::uint32_t core, MemoryTraffic traffic, std::uint64_t tag, const sc_core::sc_time& at) {
  clock.read();
  Core& asker = *cores.at(core);
  (traffic == MemoryTraffic::keys ? asker.keys_there : asker.values_there).post(tag, clock.cycle_from(at));
}

RunStats Machine::run() {
  try {
    simulate();
  } catch (const sc_core::sc_report& report) {
    // The kernel keeps the words of what a module threw, but not its kind.
    if (std::string_view(report.get_msg()).ends_with(std::bad_alloc().what())) throw std::bad_alloc();
    throw LawBroken(report.get_msg());
  }
  if (task_.results.stop_requested()) throw Interrupted();
  check_all_done();
  sum_completions();
  close_books();
  sum_stages();
  return stats_;
}

// Until the collector stops the kernel, nothing is left to happen, or nothing happens in the machine.
void Machine::simulate() {
  // Or a run that ends says "Simulation stopped by user." on stdout, amid the report.
  sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
  const sc_core::sc_time slice = clock.time_of(patience);
  for (std::uint64_t before = 0; clock.reads() != before || before == 0;) {
    before = clock.reads();
    sc_core::sc_start(slice, sc_core::SC_EXIT_ON_STARVATION);
    if (sc_core::sc_get_status() == sc_core::SC_STOPPED || !sc_core::sc_pending_activity()) return;
  }
}

void Machine::check_all_done() const {
  const std::uint64_t expected = head_queries(task_.workload);
  if (collector.completed() == expected) return;
  std::string text = fmt::format("no progress at cycle {}: {} of {} head-queries are done and no stage can go on\n  {}",
                                 clock.now(), collector.completed(), expected, memory->state());
  for (const auto& core : cores) {
    for (const Module* module : core->modules()) text += "\n  " + module->state();
  }
  throw LawBroken(text);
}

void Machine::sum_completions() {
  std::uint64_t intervals = 0, span = 0;
  for (const Collector::Completions& core : collector.completions()) {
    stats_.cycles = std::max(stats_.cycles, static_cast<std::uint64_t>(core.last));
    stats_.head_queries += core.count;
    if (core.count < 2) continue;
    intervals += core.count - 1;
    span += static_cast<std::uint64_t>(core.last - core.first);
  }
  stats_.first_query_latency = static_cast<std::uint64_t>(collector.completions().front().first);
  stats_.steady_interval_cycles =
      intervals > 0 ? static_cast<double>(span) / static_cast<double>(intervals) : static_cast<double>(stats_.cycles);
}

void Machine::close_books() {
  const auto end = static_cast<Cycle>(stats_.cycles);
  for (const auto& core : cores) {
    for (const auto& array : core->arrays) {
      array->key_programming->finish(end);
      array->cam_array->finish(end);
      array->sensing->finish(end);
    }
    core->tile_selection->finish(end);
    core->merge->finish(end);
    core->prefetch->finish(end);
    core->softmax->finish(end);
    core->contextualization->finish(end);
  }
}

void Machine::sum_stages() {
  stats_.stages = stages_of(task_.config);
  for (const auto& core : cores) {
    add(stats_, Stage::association, core->merge->association);
    add(stats_, Stage::normalization, core->softmax->normalization);
    add(stats_, Stage::contextualization, core->contextualization->ledger);
    for (const auto& array : core->arrays) {
      add(stats_, Stage::key_programming, array->key_programming->ledger);
      add(stats_, Stage::cam_array, array->cam_array->ledger);
      add(stats_, Stage::sensing, array->sensing->ledger);
    }
    for (const Ledger& ledger : core->tile_selection->ledgers) add(stats_, Stage::tile_selection, ledger);
    add(stats_, Stage::merge, core->merge->merge);
    add(stats_, Stage::softmax, core->softmax->softmax);
    add(stats_, Stage::prefetch, core->prefetch->ledger);
  }
}

}  // namespace capcam::systemc
