// A sweep file and, while it asks for few points, their plan over a small trace.
// SPDX-License-Identifier: Apache-2.0
#include "input.h"
#include "studies/sweep/file/plan.h"
#include "studies/sweep/file/sweep_file.h"
#include "support/random_trace.h"

using namespace capcam;

namespace {

SweepTraces small_trace() {
  SweepTraces traces;
  traces.push_back(std::make_unique<const PreparedTrace>(testing::random_trace({1, 2, 1, 3, 5, 8, 4})));
  return traces;
}

double points_of(const SweepFile& file) {
  double combinations = 1.0;
  for (const SweepAxis& axis : file.axes) combinations *= static_cast<double>(axis.steps.size());
  return combinations + static_cast<double>(file.points.size());
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const SweepTraces traces = small_trace();
  const std::filesystem::path path = fuzz::written("sweep.toml", fuzz::text_of(data, size));
  fuzz::accepts([&] {
    const SweepFile file = read_sweep_file(path);
    const double points = points_of(file);
    constexpr double few = 8.0;
    if (points > few) return;
    const SweepPlan plan = make_plan(file, traces);
    const std::uint64_t planned = plan.points.size() + plan.excluded + plan.repeated;
    fuzz::require(static_cast<double>(planned) <= points, "a plan has no more points than its file");
  });
  return 0;
}
