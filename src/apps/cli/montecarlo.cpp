// SPDX-License-Identifier: Apache-2.0
#include "apps/cli/montecarlo.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <iostream>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "apps/cli/numbers.h"
#include "apps/cli/paths.h"
#include "apps/cli/progress.h"
#include "capcam/converter.h"
#include "capcam/error.h"
#include "capcam/read_config.h"
#include "config/check.h"
#include "core/atomic_file.h"
#include "cost/circuit_cards.h"
#include "studies/montecarlo/montecarlo.h"
#include "studies/montecarlo/on_trace.h"
#include "studies/montecarlo/report.h"

namespace capcam {
namespace {

struct MonteCarloOptions {
  std::string config, csv, trace;
  std::vector<std::string> sets, corners;
  std::vector<double> temperatures, supply_errors;
  std::uint64_t seed = 1;
  std::uint32_t instances = 50, searches = 100, trace_instances = 3;
};

Corner corner_named(const std::string& name) {
  for (const Choice<Corner>& choice : corners) {
    if (choice.name == name) return choice.value;
  }
  throw InputError(fmt::format("--corners: expected tt, ss, ff, sf or fs, got '{}'", name));
}

montecarlo::Request request_of(const MonteCarloOptions& options) {
  montecarlo::Request request;
  request.config = read_config(resolve_config_path(options.config), options.sets);
  request.config = with_circuit_cards(request.config, read_cards(request.config));
  request.config.seed = options.seed;
  request.instances = options.instances;
  request.searches = options.searches;
  if (make_converter(request.config.sensing)->input() == ConverterInput::match_count)
    throw InputError(
        fmt::format("sensing.kind is {}: there is no error to measure; set another kind", request.config.sensing.kind));
  const CircuitParams& circuit = request.config.sensing.circuit;
  std::vector<double> temperatures = options.temperatures, supply_errors = options.supply_errors;
  std::vector<Corner> at_corners;
  for (const std::string& corner : options.corners) at_corners.push_back(corner_named(corner));
  if (at_corners.empty()) at_corners = {circuit.corner};
  if (temperatures.empty()) temperatures = {circuit.temperature_c};
  if (supply_errors.empty()) supply_errors = {circuit.supply_error};
  std::vector<std::string> problems;
  for (const double temperature : temperatures) {
    if (!(temperature >= -100.0 && temperature <= 200.0))
      problems.push_back(fmt::format("--temperatures: expected -100 to 200 degC, got {}", temperature));
  }
  for (const double error : supply_errors) {
    if (!(error >= -0.5 && error <= 0.5))
      problems.push_back(fmt::format("--supply-errors: expected a fraction from -0.5 to 0.5, got {}", error));
  }
  for (const Corner corner : at_corners) {
    for (const double temperature : temperatures) {
      for (const double supply_error : supply_errors) {
        const montecarlo::Condition condition{corner, temperature, supply_error};
        request.conditions.push_back(condition);
        if (!problems.empty()) continue;
        for (const RelationProblem& problem : relation_problems(montecarlo::at(request.config, condition)))
          problems.push_back(fmt::format("at {}: {}", condition_name(condition), problem.text));
      }
    }
  }
  if (!problems.empty()) throw InputError("capcam montecarlo", std::move(problems));
  return request;
}

void measure(const MonteCarloOptions& options) {
  const montecarlo::Request request = request_of(options);
  const std::vector<NamedPath> outputs = {{"--csv", options.csv}};
  check_paths_differ("capcam montecarlo", {{"CONFIG", resolve_config_path(options.config)}, {"--trace", options.trace}},
                     outputs);
  check_all_writable(outputs);
  stop_on_signals();
  const montecarlo::StopRequested stop = stop_was_requested;
  const montecarlo::Outcome outcome = montecarlo::sense(request, stop);
  const std::vector<montecarlo::Without> without = montecarlo::switch_off_one_at_a_time(request, stop);
  std::vector<AccuracyFigures> on_trace;
  if (!options.trace.empty()) on_trace = montecarlo::accuracy_on(options.trace, request, options.trace_instances, stop);
  if (!options.csv.empty()) write_file_atomically(options.csv, montecarlo_csv(request, outcome, on_trace));
  std::cout << montecarlo_table(request, outcome, without, on_trace);
}

}  // namespace

void setup_montecarlo(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "montecarlo", "Draw the sensing error over array instances, searches, corners, temperature and supply");
  const auto options = std::make_shared<MonteCarloOptions>();
  command->add_option("CONFIG", options->config, "a TOML file, or the name of a shipped one (pvt)")->required();
  command->add_option("--instances", options->instances, "arrays drawn")
      ->check(whole_number(1, 1000000))
      ->capture_default_str();
  command->add_option("--searches", options->searches, "random searches of every row of every array")
      ->check(whole_number(1, 1000000))
      ->capture_default_str();
  command
      ->add_option("--corners", options->corners,
                   "process corners: tt,ss,ff,sf,fs; default of this and the next two: the configuration's")
      ->delimiter(',');
  command->add_option("--temperatures", options->temperatures, "temperatures in degC: --temperatures=-40,25,125")
      ->delimiter(',');
  command
      ->add_option("--supply-errors", options->supply_errors, "supply errors as fractions: --supply-errors=-0.1,0,0.1")
      ->delimiter(',');
  command->add_option("--trace", options->trace, "also measure recall and output error on this trace");
  command->add_option("--trace-instances", options->trace_instances, "machines drawn for the trace")
      ->check(whole_number(1, 1000))
      ->capture_default_str();
  command->add_option("--seed", options->seed, "seed of everything drawn at random")
      ->check(whole_number(0, std::numeric_limits<std::uint64_t>::max()))
      ->capture_default_str();
  command->add_option("--csv", options->csv, "write one line per condition");
  command->add_option("--set", options->sets, "change a key: --set sensing.leakage_pa=5")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command->callback([options] { measure(*options); });
}

}  // namespace capcam
