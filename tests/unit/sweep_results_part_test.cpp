// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/store/results_part.h"

#include <algorithm>
#include <map>
#include <optional>

#include "capcam/error.h"
#include "config/check.h"
#include "config/writer.h"
#include "engines/fast/engine.h"
#include "report/figures.h"
#include "stats/accuracy_meter.h"
#include "support/catch.h"
#include "support/collecting_sink.h"
#include "support/random_machine.h"

using namespace capcam;
using namespace capcam::testing;

namespace {

// Copies the key with a number, counted over all keys, from one configuration to another.
class CopyOneKey {
 public:
  CopyOneKey(const Config& from, std::size_t wanted) : from_(from), wanted_(wanted) {}

  template <class T>
  void field(std::string_view name, T& to, const std::type_identity_t<Spec<T>>&) {
    visit(name, to);
  }
  void derived(std::string_view name, std::optional<double>& to, const Spec<double>&) { visit(name, to); }
  void choice(std::string_view name, std::string& to, const std::vector<Named>&, const Spec<std::string>& = {}) {
    visit(name, to);
  }
  template <class E, std::size_t N>
  void choice(std::string_view name, E& to, const Choice<E> (&)[N], const std::type_identity_t<Spec<E>>& = {}) {
    visit(name, to);
  }
  template <class S>
  void section(std::string_view name, S& to) {
    section_ = name;
    S::describe(*this, to);
  }

  std::string key;  // empty if there are fewer keys

 private:
  template <class T>
  void visit(std::string_view name, T& to) {
    if (next_++ != wanted_) return;
    key = section_ + "." + std::string(name);
    // The value stands at the same offset in the other configuration.
    const auto offset = reinterpret_cast<const char*>(&to) - reinterpret_cast<const char*>(target);
    to = *reinterpret_cast<const T*>(reinterpret_cast<const char*>(&from_) + offset);
  }

 public:
  const Config* target = nullptr;

 private:
  const Config& from_;
  std::size_t wanted_, next_ = 0;
  std::string section_;
};

// Returns true if no keys contradict each other, cards aside, as no result depends on them.
bool makes_sense(const Config& config) {
  const std::vector<RelationProblem> problems = relation_problems(config);
  return std::all_of(problems.begin(), problems.end(), [](const RelationProblem& problem) {
    return problem.keys[0] == "memory.dram_card" || problem.keys[0] == "cost.library";
  });
}

// Returns false if the machine cannot run the trace.
bool fits(const Trace& trace, const Config& config) {
  try {
    map_onto(trace.shape, config);
    return true;
  } catch (const InputError&) {
    return false;
  }
}

struct Outcome {
  std::map<std::pair<std::uint32_t, std::uint32_t>, KeptResult> results;
  Accuracy accuracy;
};

Outcome outcome_of(const Trace& trace, const Config& config) {
  const Workload workload(trace, config);
  AccuracyMeter meter(workload, config, 1.0);
  CollectingSink kept;
  ResultFanOut sinks;
  sinks.add(meter);
  sinks.add(kept);
  compute_fast(workload, config, map_onto(trace.shape, config), sinks, 1);
  return {kept.results, meter.result()};
}

void check_same_figures(const std::optional<AccuracyFigures>& a, const std::optional<AccuracyFigures>& b) {
  REQUIRE(a.has_value() == b.has_value());
  if (!a) return;
  CHECK(a->selection_recall == b->selection_recall);
  CHECK(a->cosine == b->cosine);
  CHECK(a->relative_l2 == b->relative_l2);
  CHECK(a->worst_head_cosine == b->worst_head_cosine);
}

}  // namespace

TEST_CASE("a key that the results part leaves out changes no bit of any output, and no accuracy") {
  std::map<std::string, int> free_keys;  // how often each key was changed
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    const RandomMachine random = random_machine(seed);
    const Config other = random_machine(seed + 1000).config;
    const std::string identity = results_identity(random.config);
    const Outcome before = outcome_of(random.trace, random.config);
    for (std::size_t number = 0;; ++number) {
      Config changed = random.config;
      CopyOneKey copy(other, number);
      copy.target = &changed;
      Config::describe(copy, changed);
      if (copy.key.empty()) break;
      if (config_to_json(changed) == config_to_json(random.config) || results_identity(changed) != identity ||
          !makes_sense(changed))
        continue;
      CAPTURE(seed, copy.key);
      if (!fits(random.trace, changed)) continue;
      ++free_keys[copy.key];
      const Outcome after = outcome_of(random.trace, changed);
      CHECK(after.results == before.results);
      check_same_figures(after.accuracy.exact, before.accuracy.exact);
      check_same_figures(after.accuracy.ideal, before.accuracy.ideal);
    }
  }
  // Keys that a sweep of timing varies are among them, so the law above was tested.
  for (const char* key :
       {"accelerator.cores", "array.count", "array.program_rows_per_cycle", "array.search_cycles",
        "array.queries_per_program", "sensing.conversion_cycles", "sensing.rows_per_converter", "score.scale_cycles",
        "top_n.register_entries", "top_n.merge_cycles", "softmax.pipelined_divider", "value.lanes", "value.mac_cycles",
        "memory.value_source", "memory.latency_cycles", "memory.key_load", "memory.bandwidth_gb_s",
        "pipeline.query_overlap"}) {
    CAPTURE(key);
    CHECK(free_keys[key] > 3);
  }
  for (const char* key :
       {"array.rows", "array.columns", "sensing.bits", "top_n.n", "top_n.tile_k", "softmax.format", "value.format"}) {
    CAPTURE(key);
    CHECK(free_keys.count(key) == 0);
  }
}

TEST_CASE("with random errors, which array and converter a row is on counts, and the seed") {
  Config config;
  config.sensing.circuit.matching_coefficient = 0.01;
  const std::string identity = results_identity(config);
  Config other = config;
  other.seed = 2;
  CHECK(results_identity(other) != identity);
  other = config;
  other.array.count = 2;
  CHECK(results_identity(other) != identity);
  other = config;
  other.memory.latency_cycles = 99;
  CHECK(results_identity(other) == identity);
}

TEST_CASE("results computed alone are those of the whole simulation") {
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    const RandomMachine random = random_machine(seed);
    const Workload workload(random.trace, random.config);
    const Mapping mapping = map_onto(random.trace.shape, random.config);
    CollectingSink alone, whole;
    compute_fast(workload, random.config, mapping, alone, 1);
    simulate_fast(workload, random.config, mapping, whole, 1);
    for (auto& [query, result] : whole.results) result.cycle = 0;  // compute_fast works out none
    CAPTURE(seed);
    CHECK(alone.results == whole.results);
  }
}

TEST_CASE("a workload made for one machine and taken to another is the one made for that") {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    const RandomMachine random = random_machine(seed);
    const Workload usual(random.trace, Config{}), own(random.trace, random.config), taken(usual, random.config);
    const Mapping mapping = map_onto(random.trace.shape, random.config);
    CollectingSink a, b;
    const RunStats first = simulate_fast(own, random.config, mapping, a, 1);
    const RunStats second = simulate_fast(taken, random.config, mapping, b, 1);
    CAPTURE(seed);
    CHECK(first.cycles == second.cycles);
    CHECK(a.results == b.results);
  }
}
