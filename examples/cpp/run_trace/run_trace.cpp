// Replays a trace on a machine and prints the report: run_trace CONFIG TRACE [KEY=VALUE...]
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "capcam/engine.h"
#include "capcam/read_config.h"
#include "capcam/report.h"
#include "capcam/simulate.h"
#include "capcam/trace.h"

int main(int argc, char* argv[]) {
  if (argc < 3) {
    std::fputs("usage: run_trace CONFIG TRACE [KEY=VALUE...]\n", stderr);
    return 2;
  }
  try {
    const std::vector<std::string> sets(argv + 3, argv + argc);
    const capcam::Config config = capcam::read_config(capcam::resolve_config_path(argv[1]), sets);
    const capcam::Trace trace = capcam::open_trace(argv[2]);
    const capcam::Report report = capcam::simulate(config, trace, *capcam::fast_engine());
    std::fputs(capcam::report_table(report).c_str(), stdout);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "run_trace: %s\n", error.what());
    return 2;
  }
  return 0;
}
