// SPDX-License-Identifier: Apache-2.0
#include "apps/cli/sweep.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "apps/cli/numbers.h"
#include "apps/cli/progress.h"
#include "apps/cli/shard.h"
#include "apps/cli/streams.h"
#include "capcam/error.h"
#include "studies/sweep/file/sweep_file.h"
#include "studies/sweep/sweep.h"
#include "studies/sweep/table/front_table.h"

namespace capcam {
namespace {

using Clock = std::chrono::steady_clock;

struct SweepOptions {
  SweepRequest request;
  std::string file, out, shard;
  std::vector<std::string> objectives;
};

std::string counted(std::uint64_t count, const char* thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

// Writes one line that changes on a terminal, and a line every few seconds into a file.
class SweepProgress final : public SweepListener {
 public:
  SweepProgress() : on_terminal_(isatty(STDERR_FILENO) != 0) {}
  ~SweepProgress() override { clear(); }

  void planned(const SweepCounts& counts) override {
    std::string text = counted(counts.points, "point");
    if (counts.excluded > 0) text += fmt::format(", {} more excluded by where", counts.excluded);
    if (counts.repeated > 0) text += fmt::format(", {} more the same as others", counts.repeated);
    if (counts.mine != counts.points) text += fmt::format("; {} of this shard", counts.mine);
    if (counts.before > 0) text += fmt::format("; {} done before", counts.before);
    say("{}\n", text);
  }

  void progress(const char* what, std::uint64_t ended, std::uint64_t of, std::uint64_t failed) override {
    const Clock::time_point now = Clock::now();
    if (what != what_) {
      clear();
      what_ = what;
      begin_ = now;
      next_ = now + interval();
    }
    if (now < next_ || of == 0) return;
    next_ = now + interval();
    const double seconds = std::chrono::duration<double>(now - begin_).count();
    const double rate = static_cast<double>(ended) / seconds;
    std::string text = fmt::format("{} of {} {} ({:.0f} %), {:.1f} a second", ended, of, what,
                                   100.0 * static_cast<double>(ended) / static_cast<double>(of), rate);
    if (ended > 0) text += fmt::format(", {:.0f} s left", static_cast<double>(of - ended) / rate);
    if (failed > 0) text += fmt::format(", {} failed", failed);
    say_on_terminal(fmt::format("{}{}{}", on_terminal_ ? "\r\033[K" : "", text, on_terminal_ ? "" : "\n"));
    shown_ = on_terminal_;
  }

  bool stop_requested() const override { return stop_was_requested(); }

 private:
  Clock::duration interval() const { return std::chrono::milliseconds(on_terminal_ ? 200 : 5000); }
  void clear() {
    if (shown_) say_on_terminal("\r\033[K");
    shown_ = false;
  }

  bool on_terminal_;
  bool shown_ = false;
  const char* what_ = nullptr;
  Clock::time_point begin_, next_;
};

std::string summary(const SweepCounts& counts, const std::string& out) {
  std::string text = fmt::format("{}: {} done", out, counted(counts.before + counts.done, "point"));
  if (counts.done > 0 && counts.before > 0) text += fmt::format(" ({} of them now)", counts.done);
  if (counts.failed > 0) text += fmt::format(", {} failed", counts.failed);
  if (counts.verified > 0)
    text += fmt::format(", {} verified on both engines{}", counts.verified,
                        counts.differing == 0 ? "" : fmt::format(", {} of them DIFFER", counts.differing));
  return text + '\n';
}

void sweep(SweepOptions& options) {
  SweepRequest& request = options.request;
  request.file = resolve_sweep_path(options.file);
  request.out = options.out;
  if (!options.shard.empty()) request.shard = read_shard(options.shard);
  request.shard_is_fixed = options.shard == "slurm";
  request.objectives = read_objectives(options.objectives);
  stop_on_signals();
  SweepCounts counts;
  {
    SweepProgress progress;
    counts = run_sweep(request, progress);
  }
  std::cout << summary(counts, options.out);
  constexpr std::size_t rows = 30;
  {
    ResultStore store(request.out, ResultStore::Access::read);
    std::cout << front_table(store, rows) << std::flush;
  }
  if (counts.differing > 0)
    throw LawBroken(fmt::format("the engines differ in {}, for example: {}", counted(counts.differing, "point"),
                                counts.first_difference));
  if (counts.failed > 0)
    throw InputError(fmt::format("{} of {} failed (capcam export shows each); the first: {}", counts.failed,
                                 counted(counts.mine, "point"), counts.first_error));
}

}  // namespace

void setup_sweep(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("sweep", "Simulate many machines; the same command again simulates the missing points");
  const auto options = std::make_shared<SweepOptions>();
  SweepRequest& request = options->request;
  command->add_option("SWEEP", options->file, "a sweep file (TOML), or the name of a shipped one (array_size)")
      ->required();
  command->add_option("--out", options->out, "folder of the results (results.sqlite)")->required();
  command->add_option("--jobs", request.jobs, "points at a time; default: one per processor")
      ->check(whole_number(1, 4096));
  command->add_option("--shard", options->shard, "a part of the points: I/N, or slurm for the task of a job array");
  command->add_option("--engine", request.engine, "fast or systemc; default: the file's, else fast")
      ->check(CLI::IsMember({"fast", "systemc"}));
  command
      ->add_option("--verify", request.verify_share,
                   "share of the points that is simulated on the systemc engine too; any difference is an error")
      ->check(share());
  command
      ->add_option("--objectives", options->objectives,
                   "objectives of the Pareto front: FIGURE:min or FIGURE:max, separated by commas; default: the file's")
      ->delimiter(',')
      ->allow_extra_args(false);
  command->add_flag("--force", request.force, "keep objectives that no key of the sweep moves");
  command->callback([options] { sweep(*options); });
}

}  // namespace capcam
