// SPDX-License-Identifier: Apache-2.0
#include "apps/cli/merge.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "studies/sweep/store/merge.h"

namespace capcam {
namespace {

struct MergeOptions {
  std::string out;
  std::vector<std::string> folders;
};

void merge(const MergeOptions& options) {
  const MergeCounts counts = merge_sweeps(options.out, {options.folders.begin(), options.folders.end()});
  std::cout << fmt::format("{}: {} of {} points done, {} failed, {} missing; {} added now\n", options.out, counts.done,
                           counts.points, counts.failed, counts.points - counts.done - counts.failed, counts.added);
}

}  // namespace

void setup_merge(CLI::App& app) {
  CLI::App* command = app.add_subcommand("merge", "Join the shards of a sweep");
  const auto options = std::make_shared<MergeOptions>();
  command->add_option("OUT", options->out, "folder that gets all results; may hold some already")->required();
  command->add_option("DIR", options->folders, "folders of shards")->required();
  command->callback([options] { merge(*options); });
}

}  // namespace capcam
