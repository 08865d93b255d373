// A token says all that its reader needs: a fault in what any one channel of a core carries is seen in what comes out,
// or ends the run as a broken law. No module looks past a channel at the right answer.
// SPDX-License-Identifier: Apache-2.0
#include "engines/fast/engine.h"
#include "engines/systemc/machine.h"
#include "support/catch.h"
#include "support/collecting_sink.h"
#include "support/random_trace.h"

using namespace capcam;
using namespace capcam::systemc;
using namespace capcam::testing;

namespace {

constexpr TraceShape shape{1, 2, 2, 4, 64, 64, 8};

void everything_from_dram(Config& config) {
  config.top_n.n = 4;
  config.top_n.register_entries = 6;  // is merged on the way
  config.memory.value_source = ValueSource::dram_prefetch;
  config.memory.key_load = HeadLoad::modelled;
}

// True if the machine puts out what the fast engine does.
bool right_with(
    const std::function<void(Core&)>& fault, const std::function<void(Config&)>& change = [](Config&) {}) {
  Config config;
  everything_from_dram(config);
  change(config);
  const Trace trace = random_trace(shape);
  const Workload workload(trace, config);
  const Mapping mapping = map_onto(trace.shape, config);
  CollectingSink expected, sink;
  simulate_fast(workload, config, mapping, expected, 1);
  Machine machine(EngineTask{workload, config, mapping, sink});
  fault(*machine.cores[0]);
  try {
    machine.run();
  } catch (const LawBroken&) {
    return false;
  }
  return sink.results == expected.results && sink.taken == expected.taken;
}

void streamed_keys(Config& config) { config.memory.key_sram_kib = 0; }
void overlap(Config& config) { config.pipeline.query_overlap = true; }
void decode(Config& config) { config.pipeline.decode = Decode::append; }
void values_there(Config& config) { config.memory.value_source = ValueSource::sram; }

}  // namespace

TEST_CASE("an undisturbed machine is right: keys loaded") {
  CHECK(right_with([](Core&) {}));
}
TEST_CASE("an undisturbed machine is right: keys streamed") {
  CHECK(right_with([](Core&) {}, streamed_keys));
}
TEST_CASE("an undisturbed machine is right: queries overlap") {
  CHECK(right_with([](Core&) {}, overlap));
}
TEST_CASE("an undisturbed machine is right: decode") {
  CHECK(right_with([](Core&) {}, decode));
}
TEST_CASE("an undisturbed machine is right: values there") {
  CHECK(right_with([](Core&) {}, values_there));
}

TEST_CASE("a fault in the work of an array is noticed") {
  CHECK_FALSE(
      right_with([](Core& core) { core.arrays[0]->work.disturb([](ArrayWork& work) { work.jobs[1].tile = 2; }); }));
}
TEST_CASE("a fault in the keys that lie in the key SRAM is noticed") {
  CHECK_FALSE(right_with([](Core& core) {
    core.arrays[0]->work.disturb([](ArrayWork& work) {
      const auto other = std::make_shared<BitRows>(work.keys->segmentation(), work.keys->rows());
      work.keys = other;  // all zero
    });
  }));
}
TEST_CASE("a fault in the query buffer is noticed") {
  CHECK_FALSE(right_with([](Core& core) {
    core.arrays[0]->queries.disturb([](ArrayQueries& buffer) { buffer.queries[0].words[0] ^= 0xffff; });
  }));
}
TEST_CASE("a fault in streamed keys is noticed") {
  CHECK_FALSE(right_with(
      [](Core& core) {
        core.arrays[0]->keys.disturb([](StreamedKeys& keys) {
          for (std::uint64_t& word : keys.words) word = ~word;
        });
      },
      streamed_keys));
}
TEST_CASE("a fault in which streamed keys are used is noticed") {
  CHECK_FALSE(
      right_with([](Core& core) { core.arrays[0]->used.disturb([](StreamedKeysUsed& used) { used.fetch += 1000; }); },
                 streamed_keys));
}
TEST_CASE("a fault in what is programmed is noticed") {
  CHECK_FALSE(right_with(
      [](Core& core) { core.arrays[0]->tiles.disturb([](ProgrammedTile& tile) { tile.words[3] = ~tile.words[3]; }); }));
}
TEST_CASE("a fault in which group was searched is noticed") {
  CHECK_FALSE(right_with(
      [](Core& core) { core.arrays[0]->searched.disturb([](GroupSearched& group) { group.head += 1; }); }, overlap));
}
TEST_CASE("a fault in match counts is noticed") {
  CHECK_FALSE(right_with(
      [](Core& core) { core.arrays[0]->matches.disturb([](MatchCounts& counts) { counts.matches[5] = 64; }); }));
}
TEST_CASE("a fault in codes is noticed") {
  CHECK_FALSE(right_with([](Core& core) {
    core.arrays[0]->codes.disturb([](Codes& codes) { std::reverse(codes.codes.begin(), codes.codes.end()); });
  }));
}
TEST_CASE("a fault in a tile's candidates is noticed") {
  CHECK_FALSE(right_with(
      [](Core& core) { core.candidates.disturb([](TileCandidates& tile) { tile.candidates[0].key ^= 8; }); }));
}
TEST_CASE("a fault in the queries that enter is noticed") {
  CHECK_FALSE(right_with([](Core& core) {
    core.entries.disturb([](GroupEntry& group) { group.queries[0].valid = ValidKeys(0, 32, nullptr); });
  }));
}
TEST_CASE("a fault in the queries that may need value rows is noticed") {
  CHECK_FALSE(right_with(
      [](Core& core) { core.entries_of_values.disturb([](GroupEntry& group) { group.queries[0].head ^= 1; }); }));
}
TEST_CASE("a fault in how far a group has come is noticed") {
  CHECK_FALSE(right_with([](Core& core) {
    core.progress.disturb([](GroupProgress& progress) { progress.kind = GroupProgress::Kind::head_drained; });
  }));
}
TEST_CASE("a fault in the value rows that are fetched is noticed") {
  CHECK_FALSE(right_with([](Core& core) { core.fetches.disturb([](RowFetch& fetch) { fetch.keys[0] ^= 1; }); }));
}
TEST_CASE("a fault in the candidates that are dropped is noticed") {
  CHECK_FALSE(right_with([](Core& core) { core.drops.disturb([](RowDrop& drop) { drop.sequence += 1; }); },
                         [](Config& config) { config.memory.value_sram_kib = 1; }));
}
TEST_CASE("a fault in the kept keys is noticed: rows from DRAM") {
  CHECK_FALSE(
      right_with([](Core& core) { core.kept.disturb([](KeptRows& kept) { std::swap(kept.keys[0], kept.keys[1]); }); }));
}
TEST_CASE("a fault in the kept keys is noticed: rows there") {
  CHECK_FALSE(
      right_with([](Core& core) { core.kept.disturb([](KeptRows& kept) { kept.keys[0] ^= 1; }); }, values_there));
}
TEST_CASE("a fault in the value rows is noticed") {
  CHECK_FALSE(right_with([](Core& core) { core.rows.disturb([](ValueRows& rows) { rows.values[0] += 1.0f; }); }));
}
TEST_CASE("a fault in a selection is noticed") {
  CHECK_FALSE(right_with(
      [](Core& core) { core.selections.disturb([](Selection& selection) { selection.keys.back().score -= 64; }); }));
}
TEST_CASE("a fault in the weights is noticed") {
  CHECK_FALSE(right_with([](Core& core) { core.weights.disturb([](Weights& w) { w.weights[1] *= 2.0f; }); }));
}
TEST_CASE("a fault in which query is done is noticed") {
  CHECK_FALSE(right_with([](Core& core) { core.done.disturb([](QueryDone& done) { done.sequence += 1; }); }));
}
TEST_CASE("a fault in which step of a decoder is complete is noticed") {
  CHECK_FALSE(
      right_with([](Core& core) { core.completed.disturb([](QueryDone& done) { done.sequence += 1; }); }, decode));
}
TEST_CASE("a fault in an output is noticed") {
  CHECK_FALSE(right_with([](Core& core) { core.outputs.disturb([](Output& output) { output.values[7] += 1.0f; }); }));
}
