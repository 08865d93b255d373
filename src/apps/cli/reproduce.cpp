// SPDX-License-Identifier: Apache-2.0
#include "apps/cli/reproduce.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/cli/paths.h"
#include "core/atomic_file.h"
#include "core/output_set.h"
#include "outputs/output_folder.h"
#include "studies/reproduce/camformer/camformer.h"
#include "studies/reproduce/had.h"
#include "studies/reproduce/report.h"

namespace capcam {
namespace {

struct ReproduceOptions {
  std::string what, markdown, csv, out;
};

void reproduce_figures(const ReproduceOptions& options) {
  std::vector<NamedPath> outputs = files_of_folder("--out", options.out, {"reproduction.md", "reproduction.csv"});
  outputs.push_back({"--markdown", options.markdown});
  outputs.push_back({"--csv", options.csv});
  check_paths_differ("capcam reproduce", {}, outputs);
  std::optional<OutputFolder> folder;
  if (!options.out.empty()) folder.emplace(options.out);
  check_all_writable(outputs);
  reproduce::Machines machines;
  std::vector<Reproduction> all;
  if (options.what != "had")
    all.push_back({"camformer", "CAMformer (arXiv 2511.19740, IEEE TCAS-I 2026)",
                   reproduce::compare("camformer", reproduce::camformer_tables(machines))});
  if (options.what != "camformer") {
    all.push_back({"had", "HAD (arXiv 2502.01770) and the same group's early design",
                   reproduce::compare("had", reproduce::had_tables(machines))});
  }
  if (!options.markdown.empty()) write_file_atomically(options.markdown, reproduction_markdown(all));
  if (!options.csv.empty()) write_file_atomically(options.csv, reproduction_csv(all));
  if (!options.out.empty()) {
    write_set(options.out,
              {{"reproduction.md", reproduction_markdown(all)}, {"reproduction.csv", reproduction_csv(all)}});
  }
  std::cout << reproduction_text(all);
}

}  // namespace

void setup_reproduce(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "reproduce", "Show published figures beside the simulator's, with the conventions they rest on");
  const auto options = std::make_shared<ReproduceOptions>();
  command->add_option("WHAT", options->what, "camformer or had; default: both")
      ->check(CLI::IsMember({"camformer", "had"}));
  command->add_option("--markdown", options->markdown, "write the page (docs/reproduction.md)");
  command->add_option("--csv", options->csv, "write one line per figure");
  command->add_option("--out", options->out, "folder for reproduction.md and reproduction.csv");
  command->callback([options] { reproduce_figures(*options); });
}

}  // namespace capcam
