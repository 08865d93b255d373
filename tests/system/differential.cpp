// Compares the two engines in everything, on random machines and traces over the whole parameter space. A draw that
// differs is made simpler as long as it still differs, and printed.
//   capcam_differential FIRST_SEED COUNT
//   capcam_differential FOLDER       the machines that the files of a folder stand for (fuzz/decoded_machine.h)
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <systemc>
#include <utility>
#include <vector>

#include "capcam/error.h"
#include "config/check.h"
#include "config/writer.h"
#include "engines/fast/engine.h"
#include "engines/systemc/engine.h"
#include "fuzz/decoded_machine.h"
#include "support/own_kinds.h"
#include "support/random_machine.h"
#include "support/raw_safetensors.h"
#include "system/transcript.h"

using namespace capcam;
using namespace capcam::testing;

namespace {

struct Setting {
  const Config* config = nullptr;
  const Trace* trace = nullptr;
};
Setting for_the_child;
int answer_to = -1;

std::string fast_transcript(const Setting& setting, unsigned threads) {
  const Workload workload(*setting.trace, *setting.config);
  const Mapping mapping = map_onto(setting.trace->shape, *setting.config);
  TranscriptSink sink(static_cast<std::uint32_t>(setting.trace->shape.queries));
  const RunStats stats = simulate_fast(workload, *setting.config, mapping, sink, threads);
  check_conservation(stats);
  const TranscriptSink none(static_cast<std::uint32_t>(setting.trace->shape.queries));
  if (transcript(time_fast(workload, *setting.config, mapping), none) != transcript(stats, none))
    return "the fast engine times a run without results otherwise than one with results\n";
  DramTranscript requests;
  const RunStats logged = time_fast(
      workload, *setting.config, mapping, [] { return false; }, &requests);
  if (transcript(logged, none) != transcript(stats, none))
    return "the fast engine times a run otherwise when its DRAM requests are logged\n";
  return transcript(stats, sink) + requests.text();
}

std::string systemc_transcript(const Setting& setting) {
  int ends[2];
  if (pipe(ends) != 0) return "no pipe";
  for_the_child = setting;
  answer_to = ends[1];
  const pid_t child = fork();
  if (child == 0) {
    char name[] = "capcam_differential";
    char* arguments[] = {name, nullptr};
    _exit(sc_core::sc_elab_and_sim(1, arguments));
  }
  close(ends[1]);
  std::string text;
  char buffer[65536];
  for (ssize_t got = 0; (got = read(ends[0], buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(got));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) text += "the systemc engine failed\n";
  return text;
}

std::uint32_t refused = 0;

// Returns the first lines that differ; empty if none do.
std::string difference(const Setting& setting) {
  std::string fast, systemc;
  try {
    fast = fast_transcript(setting, 1 + static_cast<unsigned>(setting.trace->shape.queries % 2));
  } catch (const InputError&) {
    ++refused;
    return {};  // the machine cannot run this trace, so there is nothing to compare
  } catch (const std::exception& error) {
    fast = fmt::format("the fast engine failed: {}\n", error.what());
  }
  systemc = systemc_transcript(setting);
  if (fast == systemc) return {};
  std::string text;
  std::size_t f = 0, s = 0;
  for (int shown = 0; shown < 12 && (f < fast.size() || s < systemc.size());) {
    const auto line = [](const std::string& all, std::size_t& at) {
      const std::size_t end = all.find('\n', at);
      std::string one = at < all.size() ? all.substr(at, end - at) : "(nothing)";
      at = end == std::string::npos ? all.size() : end + 1;
      return one;
    };
    const std::string a = line(systemc, s), b = line(fast, f);
    if (a == b) continue;
    text += fmt::format("  systemc: {}\n  fast:    {}\n", a, b);
    ++shown;
  }
  return text;
}

using Simplification = std::function<void(Config&, Trace&)>;

std::vector<Simplification> simplifications() {
  const Config plain;
  return {
      [](Config& c, Trace&) { c.accelerator.cores = 1; },
      [](Config& c, Trace&) { c.array.interleave = 1; },
      [](Config& c, Trace&) { c.array.count = 1; },
      [](Config& c, Trace&) { c.array.queries_per_program = 1; },
      [](Config& c, Trace&) { c.array.search_cycles = 1; },
      [](Config& c, Trace&) { c.array.columns = 4096; },
      [](Config& c, Trace&) { c.sensing.conversion_cycles = 1; },
      [](Config& c, Trace&) { c.sensing.rows_per_converter = 1; },
      [](Config& c, Trace&) { c.sensing.kind = "ideal"; },
      [](Config& c, Trace&) { c.top_n.tile_selection = "best"; },
      [](Config& c, Trace&) { c.pipeline.query_overlap = false; },
      [](Config& c, Trace&) { c.pipeline.decode = Decode::off; },
      [plain](Config& c, Trace&) { c.memory.bandwidth_gb_s = plain.memory.bandwidth_gb_s; },
      [](Config& c, Trace&) { c.memory.key_load = HeadLoad::hidden; },
      [](Config& c, Trace&) { c.memory.value_load = HeadLoad::hidden; },
      [](Config& c, Trace&) { c.memory.key_sram_kib = 1024; },
      [](Config& c, Trace&) { c.memory.value_sram_kib = 1024; },
      [](Config& c, Trace&) { c.memory.value_source = ValueSource::sram; },
      [](Config& c, Trace&) { c.memory.latency_cycles = 1; },
      [](Config& c, Trace&) { c.score.scale_cycles = 0; },
      [](Config& c, Trace&) { c.top_n.tile_cycles = 0; },
      [](Config& c, Trace&) { c.top_n.register_cycles = 0; },
      [](Config& c, Trace&) { c.top_n.merge_cycles = 1; },
      [](Config& c, Trace&) { c.top_n.register_entries = 4096; },
      [](Config& c, Trace&) { c.softmax.pipelined_divider = false; },
      [](Config& c, Trace&) { c.value.lanes = 65536; },
      [](Config& c, Trace&) { c.array.program_rows_per_cycle = c.array.rows; },
      [](Config&, Trace& t) { t.causal = false; },
      [](Config&, Trace& t) { t.window.reset(); },
      [](Config&, Trace& t) { t.query_offset = 0; },
      [](Config&, Trace& t) { t.layers.resize(1); },
      [](Config&, Trace& t) {
        for (TraceLayer& layer : t.layers) layer.mask.reset();
      },
  };
}

// Returns the differences from the default machine as --set options.
std::string changed_keys(const Config& config) {
  std::string text;
  const auto usual = config_to_json(Config{}), drawn = config_to_json(config);
  for (const auto& [section, keys] : drawn.items()) {
    for (const auto& [key, value] : keys.items())
      if (usual[section][key] != value) text += fmt::format(" --set {}.{}={}", section, key, value.dump());
  }
  return text;
}

bool compare(RandomMachine machine, const std::string& name) {
  std::string found = difference({&machine.config, &machine.trace});
  if (found.empty()) return true;
  for (bool simpler = true; simpler;) {
    simpler = false;
    for (const Simplification& simplify : simplifications()) {
      Config config = machine.config;
      Trace trace = machine.trace;
      simplify(config, trace);
      if (config_to_toml(config) == config_to_toml(machine.config) && trace.causal == machine.trace.causal &&
          trace.window == machine.trace.window && trace.query_offset == machine.trace.query_offset &&
          trace.layers.size() == machine.trace.layers.size() &&
          trace.layers[0].mask.has_value() == machine.trace.layers[0].mask.has_value())
        continue;
      const std::string still = difference({&config, &trace});
      if (still.empty()) continue;
      machine.config = config;
      machine.trace = trace;
      found = still;
      simpler = true;
    }
  }
  const TraceShape& shape = machine.trace.shape;
  fmt::print(
      "the engines differ for {}\n{}trace: {} layers, batch {}, {} heads, {} key/value heads, {} queries, {} "
      "keys, "
      "D {}, Dv {}, causal {}, offset {}, window {}, mask {}\n{}\n",
      name, found, machine.trace.layers.size(), shape.batch, shape.heads, shape.kv_heads, shape.queries, shape.keys,
      shape.head_dim, shape.value_dim, machine.trace.causal, machine.trace.query_offset,
      machine.trace.window.value_or(0), machine.trace.layers[0].mask.has_value(), changed_keys(machine.config));
  return false;
}

}  // namespace

int sc_main(int, char*[]) {
  std::string text;
  try {
    const Workload workload(*for_the_child.trace, *for_the_child.config);
    const Mapping mapping = map_onto(for_the_child.trace->shape, *for_the_child.config);
    TranscriptSink sink(static_cast<std::uint32_t>(for_the_child.trace->shape.queries));
    DramTranscript requests;
    const RunStats stats = simulate_systemc(workload, *for_the_child.config, mapping, sink, {}, &requests);
    check_conservation(stats);
    text = transcript(stats, sink) + requests.text();
  } catch (const std::exception& error) {
    text = fmt::format("the systemc engine failed: {}\n", error.what());
  }
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t wrote = write(answer_to, text.data() + sent, text.size() - sent);
    if (wrote <= 0) return 1;
    sent += static_cast<std::size_t>(wrote);
  }
  return 0;
}

// Machines that the files of a folder stand for. Returns the exit status.
int compare_files(const std::filesystem::path& folder) {
  std::uint32_t count = 0, differ = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    const std::string bytes = read_bytes(file.path());
    RandomMachine machine = fuzz::decoded_machine(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    ++count;
    if (!relation_problems(machine.config).empty()) {
      ++refused;
    } else if (!compare(std::move(machine), file.path().filename())) {
      ++differ;
    }
  }
  fmt::print("{} files, {} of them refused, {} differ\n", count, refused, differ);
  return differ == 0 && refused < count ? 0 : 1;
}

int main(int argc, char* argv[]) {
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
  if (argc == 2) return compare_files(argv[1]);
  if (argc != 3) return fmt::print(stderr, "usage: capcam_differential FIRST_SEED COUNT | FOLDER\n"), 2;
  const auto first = static_cast<std::uint32_t>(std::atoi(argv[1]));
  const auto count = static_cast<std::uint32_t>(std::atoi(argv[2]));
  std::uint32_t differ = 0;
  for (std::uint32_t seed = first; seed < first + count && differ < 3; ++seed) {
    RandomMachine machine = random_machine(seed);
    draw_own_kinds(machine.config, seed);
    differ += compare(std::move(machine), fmt::format("seed {}", seed)) ? 0 : 1;
  }
  fmt::print("{} draws, {} of them refused, {} differ\n", count, refused, differ);
  return differ == 0 && (count < 10 || refused < count / 2) ? 0 : 1;
}
