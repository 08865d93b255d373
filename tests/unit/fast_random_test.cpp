// Random codes in the vectorised search against the plain kernels that the systemc engine uses.
// SPDX-License-Identifier: Apache-2.0
#include "fast/functional.h"
#include "support/catch.h"
#include "support/random_machine.h"
#include "support/simd_targets.h"

using namespace capcam;
using namespace capcam::testing;

namespace {

std::vector<Candidate> plain_selection(const Head& head, std::uint32_t query, const Config& config,
                                       const Mapping& mapping, const fast::RandomArrays& arrays) {
  const fast::TileScores scores(config, mapping);
  fast::TileScores::Scratch scratch;
  std::vector<Candidate> kept;
  const ValidKeys valid = head.valid(query);
  for (std::uint32_t tile = 0; tile < mapping.tiles; ++tile) {
    const std::uint32_t first = mapping.first_key(tile);
    if (!valid.any(first, first + mapping.keys_in(tile))) continue;
    best_of_tile(scores(head, query, tile, &arrays, scratch), first, valid, config.top_n.tile_k, kept);
  }
  keep_best(kept, config.top_n.n);
  return kept;
}

}  // namespace

TEST_CASE("random codes are the same with every instruction set, in any order of queries") {
  std::uint32_t compared = 0;
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    const RandomMachine random = random_machine(seed);
    if (!RandomReadout::needed(random.config.sensing)) continue;
    const Workload workload(random.trace, random.config);
    const Mapping mapping = map_onto(random.trace.shape, random.config);
    const std::uint32_t index = seed % workload.head_count(), core = seed % 3;
    const auto head = workload.head(index);
    const fast::RandomArrays arrays(random.config, mapping, core);
    with_every_target([&] {
      const fast::HeadFunction function(*head, random.config, mapping, core);
      fast::HeadScratch scratch;
      for (std::uint32_t i = 0; i < head->queries; ++i) {
        const std::uint32_t query = (i * 5 + 3) % head->queries;  // jumps between fours of queries
        fast::HeadResults results;
        results.clear(head->value_dim);
        function.compute(query, query + 1, scratch, results);
        const auto found = results.selection(0);
        INFO("seed " << seed << ", query " << query << ", " << simd::target_name());
        CHECK(std::vector<Candidate>(found.begin(), found.end()) ==
              plain_selection(*head, query, random.config, mapping, arrays));
        ++compared;
      }
    });
  }
  CHECK(compared > 500);
}
