// A machine beside a baseline of one's own, on the same trace and priced by the same cards:
//   against_baseline MACHINE BASELINE TRACE
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <exception>
#include <stdexcept>

#include "capcam/engine.h"
#include "capcam/read_config.h"
#include "capcam/report.h"
#include "capcam/simulate.h"
#include "capcam/trace.h"

namespace {

void line(const char* figure, double machine, double baseline) {
  std::printf("%-28s %12.4g %12.4g %9.2f\n", figure, machine, baseline, machine / baseline);
}

}  // namespace

int main(int argc, char* argv[]) {
  if (argc != 4) {
    std::fputs("usage: against_baseline MACHINE BASELINE TRACE\n", stderr);
    return 2;
  }
  try {
    const capcam::PreparedTrace trace(capcam::open_trace(argv[3]));  // is read once for both
    const auto run = [&](const char* name) {
      const capcam::Config config = capcam::read_config(capcam::resolve_config_path(name));
      return capcam::simulate(config, trace, *capcam::fast_engine());
    };
    const capcam::Report machine = run(argv[1]), baseline = run(argv[2]);
    if (machine.cost.library != baseline.cost.library)
      throw std::runtime_error("the two are priced by different libraries: set cost.library in both");
    std::printf("%-28s %12s %12s %9s\n", "", "machine", "baseline", "ratio");
    line("time, us", machine.time_us, baseline.time_us);
    line("energy per head-query, pJ", machine.pj_per_head_query.value_or(0.0),
         baseline.pj_per_head_query.value_or(0.0));
    line("area, um^2", machine.cost.area_um2.value, baseline.cost.area_um2.value);
    line("cosine to exact attention", machine.accuracy.exact->cosine, baseline.accuracy.exact->cosine);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "against_baseline: %s\n", error.what());
    return 2;
  }
  return 0;
}
