// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/engine.h"

#include <optional>

#include "engines/systemc/machine.h"
#include "engines/systemc/watch.h"

namespace capcam {
namespace {

RunStats run_machine(const EngineTask& task, const SystemcOptions& options) {
  systemc::Machine machine(task, options);
  std::optional<systemc::Watch> watch;
  if (options.vcd || options.timeline) {
    watch.emplace(options, machine.clock.period_fs());
    for (std::uint32_t core = 0; core < machine.cores.size(); ++core) watch->attach(core, *machine.cores[core]);
  }
  RunStats stats = machine.run();
  if (watch) stats.warnings = watch->finish(static_cast<Cycle>(stats.cycles));
  return stats;
}

class SystemcEngine final : public Engine {
 public:
  explicit SystemcEngine(SystemcOptions options) : options_(std::move(options)) {}
  std::string_view name() const override { return "systemc"; }
  RunStats run(const EngineTask& task) const override { return run_machine(task, options_); }

 private:
  SystemcOptions options_;
};

}  // namespace

RunStats simulate_systemc(const Workload& workload, const Config& config, const Mapping& mapping, ResultSink& sink,
                          const SystemcOptions& options, DramLog* dram_log) {
  EngineTask task{workload, config, mapping, sink};
  task.dram_log = dram_log;
  return run_machine(task, options);
}

std::unique_ptr<Engine> systemc_engine(const SystemcOptions& options) {
  return std::make_unique<SystemcEngine>(options);
}

}  // namespace capcam
