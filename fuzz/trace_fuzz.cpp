// A trace as a whole: its file is opened, its values are read, and the default machine replays it.
// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "capcam/simulate.h"
#include "cost/cards/library.h"
#include "input.h"
#include "trace/scan.h"
#include "workload/budget.h"

using namespace capcam;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const CardLibrary cards = read_cards(Config{});
  static const std::unique_ptr<Engine> engine = fast_engine(1);
  const std::filesystem::path file = fuzz::written("trace.safetensors", fuzz::text_of(data, size));
  fuzz::accepts([&] {
    Trace trace = open_trace(file);
    non_finite_values(trace);
    read_budget(trace);
    keep_layers(trace, std::to_string(trace.layers.back().index));
    SimulateOptions options;
    options.cards = &cards;
    const Report report = simulate(Config{}, trace, *engine, options);
    fuzz::require(report.stats.cycles > 0, "a run takes time");
    fuzz::require(std::isfinite(report.cost.total_pj.value), "a run's energy is a number");
  });
  return 0;
}
