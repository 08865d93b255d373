// SPDX-License-Identifier: Apache-2.0
#include "apps/cli/cli.h"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <iostream>
#include <new>
#include <string>

#include <fmt/core.h>

#include "apps/cli/arguments.h"
#include "apps/cli/check.h"
#include "apps/cli/compare.h"
#include "apps/cli/cost.h"
#include "apps/cli/explain.h"
#include "apps/cli/export.h"
#include "apps/cli/merge.h"
#include "apps/cli/montecarlo.h"
#include "apps/cli/reproduce.h"
#include "apps/cli/run.h"
#include "apps/cli/selection.h"
#include "apps/cli/spice.h"
#include "apps/cli/sweep.h"
#include "apps/cli/trace.h"
#include "capcam/error.h"

namespace capcam {
namespace {

constexpr int exit_wrong_input = 2, exit_broken_law = 3, exit_interrupted = 130;

// A full disk or a closed pipe is noticed only when the output is written.
void flush_report() {
  std::cout.flush();
  if (!std::cout || std::fflush(stdout) != 0)
    throw InputError(fmt::format("cannot write to standard output: {}", std::strerror(errno)));
}

int run(CLI::App& app, int argc, char* argv[]) {
  try {
    app.parse(argc, argv);
    flush_report();
    return 0;
  } catch (const CLI::CallForHelp& help) {
    return app.exit(help);
  } catch (const CLI::CallForAllHelp& help) {
    return app.exit(help);
  } catch (const CLI::CallForVersion& version) {
    return app.exit(version);
  } catch (const CLI::ParseError& error) {
    const std::string unknown = unknown_command_text(app);
    if (unknown.empty()) {
      app.exit(error);
    } else {
      fmt::print(stderr, "{}\nRun with --help for more information.\n", unknown);
    }
    return exit_wrong_input;
  }
}

}  // namespace

int run_command_line(int argc, char* argv[]) {
  CLI::App app{"capcam: cycle-accurate simulator of a capacitive-CAM attention accelerator"};
  app.name("capcam");
  app.set_version_flag("--version", std::string("capcam ") + CAPCAM_VERSION);
  app.require_subcommand(1);
  setup_run(app);
  setup_sweep(app);
  setup_merge(app);
  setup_export(app);
  setup_trace(app);
  setup_check(app);
  setup_explain(app);
  setup_cost(app);
  setup_spice(app);
  setup_montecarlo(app);
  setup_selection(app);
  setup_reproduce(app);
  setup_compare(app);
  refuse_empty_values(app);
  try {
    return run(app, argc, argv);
  } catch (const InputError& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return exit_wrong_input;
  } catch (const LawBroken& error) {
    fmt::print(stderr, "error: the simulator broke a law of its own (please report this): {}\n", error.what());
    return exit_broken_law;
  } catch (const Interrupted& interrupted) {
    fmt::print(stderr, "interrupted: {}\n", interrupted.what());
    return exit_interrupted;
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "error: out of memory; try --layers to replay fewer layers\n");
    return exit_wrong_input;
  }
}

}  // namespace capcam
