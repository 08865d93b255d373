// SPDX-License-Identifier: Apache-2.0
#include "apps/cli/trace_import.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <iostream>
#include <limits>
#include <memory>
#include <string>

#include "apps/cli/numbers.h"
#include "apps/cli/paths.h"
#include "trace/spatten.h"

namespace capcam {

void setup_trace_import(CLI::App& trace) {
  struct Options {
    std::string table, out;
    std::uint64_t seed = 1;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* import = trace.add_subcommand("import", "Make a trace from SpAtten's per-head workload table (CSV)");
  import->add_option("table", options->table, "SpAtten workload (CSV)")->required();
  import->add_option("out", options->out, "File to write (safetensors)")->required();
  import->add_option("--seed", options->seed, "Seed of the values, which the table does not hold")
      ->check(whole_number(0, std::numeric_limits<std::uint64_t>::max()))
      ->capture_default_str();
  import->callback([options] {
    check_paths_differ("capcam trace import", {{"table", options->table}}, {{"out", options->out}});
  SyntheticSpec spec = read_spatten_workload(options->table);
  spec.seed = options->seed;
  write_synthetic(spec, options->out);
  std::cout << fmt::format("{} layers, {} heads, {} queries, {} keys, dimension {}; values drawn with seed {}\n",
                           spec.layers, spec.heads, spec.queries, spec.keys, spec.head_dim, spec.seed);
  std::cout << fmt::format("the table keeps up to {} keys per head: --set top_n.n={}{}\n", spec.metadata["top_k"],
                           spec.metadata["top_k"],
                           spec.causal ? "; its queries are steps: --set pipeline.decode=append" : "");
});
}  // namespace capcam

}  // namespace capcam
