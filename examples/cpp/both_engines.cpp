// Runs a configuration on both engines and compares everything they say: PROGRAM CONFIG TRACE [KEY=VALUE...]
// It names no kind of converter and no tile selection: what is linked with it can be named by the configuration.
// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <exception>
#include <map>
#include <string>
#include <systemc>
#include <utility>
#include <vector>

#include "capcam/engine.h"
#include "capcam/read_config.h"
#include "capcam/report.h"
#include "capcam/result_sink.h"
#include "capcam/simulate.h"
#include "capcam/systemc/engine.h"
#include "capcam/trace.h"

namespace {

// Keeps what came out of the machine, and when.
class Results final : public capcam::ResultSink {
 public:
  struct Result {
    std::vector<capcam::Candidate> selection;
    std::vector<float> output;
    std::uint64_t completed = 0;
    bool operator==(const Result&) const = default;
  };
  void take(const capcam::QueryResult& result) override {
    Result& kept = all[{result.head, result.query}];
    kept.selection.assign(result.selection.begin(), result.selection.end());
    kept.output.assign(result.output.begin(), result.output.end());
  }
  void completed(std::uint32_t head, std::uint32_t query, std::uint64_t cycle) override {
    all[{head, query}].completed = cycle;
  }
  std::map<std::pair<std::uint32_t, std::uint32_t>, Result> all;  // by head and query
};

struct Ran {
  capcam::Report report;
  Results results;
};

Ran run(const capcam::Config& config, const capcam::Trace& trace, const capcam::Engine& engine) {
  Ran ran;
  capcam::SimulateOptions options;
  options.results = &ran.results;
  options.results_wanted = true;
  ran.report = capcam::simulate(config, trace, engine, options);
  ran.report.engine = "both";  // the only thing in which reports may differ
  return ran;
}

bool engines_agree(int argc, char* argv[]) {
  const std::vector<std::string> sets(argv + 3, argv + argc);
  const capcam::Config config = capcam::read_config(capcam::resolve_config_path(argv[1]), sets);
  const capcam::Trace trace = capcam::open_trace(argv[2]);
  const Ran fast = run(config, trace, *capcam::fast_engine());
  const Ran reference = run(config, trace, *capcam::systemc_engine());  // once per process
  std::printf("%s converters, tile selection %s: %llu cycles, %.1f nJ per head-query\n", config.sensing.kind.c_str(),
              config.top_n.tile_selection.c_str(), static_cast<unsigned long long>(reference.report.stats.cycles),
              reference.report.pj_per_head_query.value_or(0.0) / 1000.0);
  if (fast.results.all != reference.results.all) {
    std::puts("the engines differ: selections, outputs or completions");
    return false;
  }
  if (capcam::report_json_text(fast.report) != capcam::report_json_text(reference.report)) {
    std::puts("the engines differ: the reports");
    return false;
  }
  std::puts("both engines agree to the last bit");
  return true;
}

}  // namespace

// SystemC's library has the main() that calls this.
int sc_main(int argc, char* argv[]) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: %s CONFIG TRACE [KEY=VALUE...]\n", argv[0]);
    return 2;
  }
  try {
    return engines_agree(argc, argv) ? 0 : 3;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", argv[0], error.what());
    return 2;
  }
}
