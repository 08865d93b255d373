// SPDX-License-Identifier: Apache-2.0
#include "apps/cli/cli.h"

#include <CLI/CLI.hpp>
#include <exception>
#include <functional>
#include <new>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>

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
#include "apps/cli/streams.h"
#include "apps/cli/sweep.h"
#include "apps/cli/trace.h"
#include "capcam/error.h"

namespace capcam {
namespace {

constexpr int exit_wrong_input = 2, exit_broken_law = 3, exit_interrupted = 130;

int run(CLI::App& app, int argc, char* argv[]) {
  try {
    app.parse(argc, argv);
    return 0;
  } catch (const CLI::Success& asked_for) {  // --help, --version
    return app.exit(asked_for);
  } catch (const CLI::ParseError& error) {
    const std::string unknown = unknown_command_text(app);
    if (unknown.empty()) {
      std::ostringstream text;
      app.exit(error, text, text);
      say(text.view());
    } else {
      say("{}\nRun with --help for more information.\n", unknown);
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
  const int status = run(app, argc, argv);
  finish_standard_output();
  return status;
}

int guarded(const std::function<int()>& work) {
  try {
    return work();
  } catch (const InputError& error) {
    say("error: {}\n", error.what());
    return exit_wrong_input;
  } catch (const LawBroken& error) {
    say("error: the simulator broke a law of its own (please report this): {}\n", error.what());
    return exit_broken_law;
  } catch (const Interrupted& interrupted) {
    say("interrupted: {}\n", interrupted.what());
    return exit_interrupted;
  } catch (const std::bad_alloc&) {
    say("error: out of memory; try --layers to replay fewer layers\n");
    return exit_wrong_input;
  } catch (const std::length_error&) {  // the size of a container is more than any memory has
    say("error: out of memory; try --layers to replay fewer layers\n");
    return exit_wrong_input;
  } catch (const std::system_error& error) {  // the system refuses files, folders, threads or locks
    const bool limit = error.code() == std::errc::resource_unavailable_try_again;
    say("error: {}{}\n", error.what(),
        limit ? ": the system gives no more threads or memory (a limit on processes?); try --threads 1 or --jobs 1"
              : "");
    return exit_wrong_input;
  } catch (const std::exception& error) {
    say("error: the simulator met what it does not expect (please report this): {}\n", error.what());
    return exit_broken_law;
  } catch (...) {
    say("error: the simulator met what it does not expect (please report this)\n");
    return exit_broken_law;
  }
}

}  // namespace capcam
