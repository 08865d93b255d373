// SPDX-License-Identifier: Apache-2.0
// Stalls change cycles, never results: machines of different speed compute the same.
#include <nlohmann/json.hpp>

#include "support/catch.h"
#include "support/program.h"

namespace capcam::testing {
namespace {

struct Outcome {
  std::string outputs;  // the bytes of outputs.safetensors
  std::uint64_t cycles;
  nlohmann::json accuracy;
};

Outcome outcome(const TemporaryFolder& folder, const std::string& name, const std::vector<std::string>& sets) {
  const std::string out = folder / name;
  const Ended run = run_capcam(
      with_sets({"run", "camformer", "--trace", folder / "trace.safetensors", "--out", out, "--save-output"}, sets));
  INFO(name << ": " << run.err);
  REQUIRE(run.status == 0);
  const nlohmann::json report = nlohmann::json::parse(read_bytes(out + "/report.json"));
  return {read_bytes(out + "/outputs.safetensors"), report.at("cycles").at("total").get<std::uint64_t>(),
          report.at("accuracy")};
}

// Grouped-query heads, causal, an uneven last tile, padding.
void make_trace(const TemporaryFolder& folder) {
  const Ended made = run_capcam({"trace",       "synth",      folder / "trace.safetensors",
                                 "--batch",     "2",          "--heads",
                                 "4",           "--kv-heads", "2",
                                 "--queries",   "12",         "--keys",
                                 "201",         "--head-dim", "48",
                                 "--value-dim", "30",         "--distribution",
                                 "clustered",   "--causal",   "--query-offset",
                                 "180",         "--padding",  "7"});
  INFO(made.err);
  REQUIRE(made.status == 0);
}

enum class Than { slower, faster, other };
struct Change {
  const char* name;
  Than than;  // the base
  std::vector<std::string> sets;
};

void check_changes(const std::vector<std::string>& base_sets, const std::vector<Change>& changes) {
  const TemporaryFolder folder;
  make_trace(folder);
  const Outcome base = outcome(folder, "base", base_sets);
  REQUIRE(base.outputs.size() > 2 * 4 * 12 * 30 * sizeof(float));
  for (const Change& change : changes) {
    std::vector<std::string> sets = base_sets;
    sets.insert(sets.end(), change.sets.begin(), change.sets.end());
    const Outcome ours = outcome(folder, change.name, sets);
    INFO(change.name << ": " << ours.cycles << " cycles, " << base.cycles << " before");
    CHECK(ours.outputs == base.outputs);
    CHECK(ours.accuracy == base.accuracy);
    CHECK(ours.cycles != base.cycles);
    if (change.than == Than::slower) CHECK(ours.cycles > base.cycles);
    if (change.than == Than::faster) CHECK(ours.cycles < base.cycles);
  }
}

}  // namespace

TEST_CASE("a slow memory changes cycles, never results") {
  check_changes({}, {{"narrow", Than::slower, {"memory.bandwidth_gb_s=1"}},
                     {"far", Than::slower, {"memory.latency_cycles=2000"}},
                     {"keys", Than::slower, {"memory.key_load=modelled", "memory.bandwidth_gb_s=4"}},
                     {"streamed keys", Than::slower, {"memory.key_sram_kib=1", "memory.latency_cycles=300"}}});
}

TEST_CASE("the place of value rows changes cycles, never results") {
  check_changes({"memory.latency_cycles=400"}, {{"all in sram", Than::faster, {"memory.value_source=sram"}}});
  // 2 KiB hold 34 rows of 30 bf16 elements, little more than the 32 a query keeps.
  check_changes({"memory.bandwidth_gb_s=16"}, {{"scarce", Than::slower, {"memory.value_sram_kib=2"}}});
}

TEST_CASE("overlap, cores, arrays and shared programming change cycles, never results") {
  // Lanes enough that association is the bottleneck.
  check_changes(
      {"value.lanes=64", "softmax.pipelined_divider=true"},
      {{"overlap", Than::faster, {"pipeline.query_overlap=true"}},
       {"cores", Than::faster, {"accelerator.cores=3"}},
       {"arrays", Than::faster, {"array.count=3"}},
       {"resident", Than::faster, {"array.count=13"}},
       {"groups", Than::other, {"array.queries_per_program=4"}},
       {"all",
        Than::faster,
        {"pipeline.query_overlap=true", "accelerator.cores=3", "array.count=3", "array.queries_per_program=5"}}});
}

TEST_CASE("slow stages change cycles, never results") {
  check_changes({}, {{"programming", Than::slower, {"array.program_rows_per_cycle=1"}},
                     {"search", Than::slower, {"array.search_cycles=20"}},
                     {"shared converter", Than::slower, {"sensing.rows_per_converter=16"}},
                     {"conversion", Than::slower, {"sensing.conversion_cycles=30"}},
                     {"small register", Than::slower, {"top_n.register_entries=34", "top_n.merge_cycles=40"}},
                     {"lookup", Than::slower, {"softmax.lookup_cycles=9"}},
                     {"divider", Than::faster, {"softmax.pipelined_divider=true"}},
                     {"lanes", Than::slower, {"value.lanes=1"}},
                     {"multiplier", Than::slower, {"value.pipelined_mac=false", "value.mac_cycles=9"}}});
}

}  // namespace capcam::testing
