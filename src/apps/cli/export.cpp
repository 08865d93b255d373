// SPDX-License-Identifier: Apache-2.0
#include "apps/cli/export.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "apps/cli/paths.h"
#include "apps/cli/streams.h"
#include "core/atomic_file.h"
#include "studies/sweep/table/export.h"
#include "studies/sweep/table/front.h"

namespace capcam {
namespace {

struct ExportOptions {
  std::string folder, csv;
  std::vector<std::string> objectives;
};

void export_points(const ExportOptions& options) {
  check_paths_differ("capcam export", files_of_folder("DIR", options.folder, {"results.sqlite"}),
                     {{"--csv", options.csv}});
  std::vector<Objective> objectives;
  if (!options.objectives.empty()) objectives = read_objectives(options.objectives);
  ResultStore store(options.folder, ResultStore::Access::read);
  if (objectives.empty()) objectives = stored_objectives(store);
  const SweepColumns columns = columns_of(store);
  if (columns.missing > 0)
    say("warning: {} points of the sweep have no result yet and are left out\n", columns.missing);
  std::ostringstream text;
  write_csv(store, columns, objectives, text);
  store.check_still();
  if (options.csv.empty()) return show_data(text.view());
  write_file_atomically(options.csv, text.view());
}

}  // namespace

void setup_export(CLI::App& app) {
  CLI::App* command = app.add_subcommand("export", "Write the points of a sweep as CSV");
  const auto options = std::make_shared<ExportOptions>();
  command->add_option("DIR", options->folder, "folder of the results")->required();
  command->add_option("--csv", options->csv, "file to write; without it, the table is printed");
  command
      ->add_option(
          "--objectives", options->objectives,
          "objectives of the column pareto: FIGURE:min or FIGURE:max, separated by commas; default: the sweep's")
      ->delimiter(',')
      ->allow_extra_args(false);
  command->callback([options] { export_points(*options); });
}

}  // namespace capcam
