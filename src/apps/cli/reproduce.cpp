// SPDX-License-Identifier: Apache-2.0
#include "apps/cli/reproduce.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apps/cli/paths.h"
#include "capcam/error.h"
#include "core/atomic_file.h"
#include "core/output_set.h"
#include "core/resources.h"
#include "cost/cards/library.h"
#include "outputs/output_folder.h"
#include "studies/reproduce/camformer/camformer.h"
#include "studies/reproduce/had.h"
#include "studies/reproduce/report.h"
#include "studies/reproduce/silicon/report.h"

namespace capcam {
namespace {

struct ReproduceOptions {
  std::string what, markdown, csv, out, macros;
};

constexpr const char* shipped_macros = "models/silicon/macros.csv";

void reproduce_silicon(const ReproduceOptions& options) {
  std::vector<NamedPath> outputs = files_of_folder("--out", options.out, {"silicon.md", "silicon.csv"});
  outputs.push_back({"--markdown", options.markdown});
  outputs.push_back({"--csv", options.csv});
  check_paths_differ("capcam reproduce", {{"--macros", options.macros}}, outputs);
  const bool shipped = options.macros.empty();
  const std::filesystem::path file = shipped ? find_resource(shipped_macros) : std::filesystem::path(options.macros);
  Config config;
  config.cost.library = "physical";
  const CardLibrary cards = read_cards(config);
  std::vector<silicon::Macro> macros = silicon::read_macros(file);
  if (!shipped) silicon::take_use_from(silicon::read_macros(find_resource(shipped_macros)), macros);
  const silicon::Study study =
      silicon::study(shipped ? shipped_macros : options.macros, std::move(macros), cards.units, shipped);
  std::optional<OutputFolder> folder;
  if (!options.out.empty()) folder.emplace(options.out);
  check_all_writable(outputs);
  if (!options.markdown.empty()) write_file_atomically(options.markdown, silicon_markdown(study));
  if (!options.csv.empty()) write_file_atomically(options.csv, silicon_csv(study));
  if (!options.out.empty())
    write_set(options.out, {{"silicon.md", silicon_markdown(study)}, {"silicon.csv", silicon_csv(study)}});
  std::cout << silicon_text(study);
}

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
  command->add_option("WHAT", options->what, "camformer, had or silicon; default: the first two")
      ->check(CLI::IsMember({"camformer", "had", "silicon"}));
  command->add_option("--macros", options->macros,
                      "silicon: published macros to price instead of the shipped ones (models/silicon/README.md)");
  command->add_option("--markdown", options->markdown, "write the page (docs/reproduction.md)");
  command->add_option("--csv", options->csv, "write one line per figure");
  command->add_option("--out", options->out, "folder for reproduction.md and reproduction.csv");
  command->callback([options] {
    if (options->what == "silicon") {
      reproduce_silicon(*options);
    } else if (!options->macros.empty()) {
      throw InputError("--macros: only capcam reproduce silicon reads macros");
    } else {
      reproduce_figures(*options);
    }
  });
}

}  // namespace capcam
