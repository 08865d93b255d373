// Random codes of the vectorised search equal those of the plain kernels that the systemc engine uses.
// SPDX-License-Identifier: Apache-2.0
#include "engines/fast/results/functional.h"

#include <random>

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
    const TileKeys keys = mapping.keys_of(tile);
    if (!valid.any(keys)) continue;
    best_of_tile(scores(head, query, tile, &arrays, scratch), keys, valid, config.top_n.tile_k, kept);
  }
  keep_best(kept, config.top_n.n);
  return kept;
}

}  // namespace

namespace {

// Makes rows of +- 1 for every place of a block, in blocks that repeat and in a last one that is not full.
BitRows random_rows(std::mt19937& random, Segmentation segmentation, std::uint32_t rows) {
  BitRows bits(segmentation, rows);
  std::vector<float> values(segmentation.head_dim);
  for (std::uint32_t row = 0; row < rows; ++row) {
    for (float& value : values) value = random() % 2 == 0 ? -1.0f : 1.0f;
    bits.pack(row, values);
  }
  return bits;
}

// Compares a search of arrays with these cells with SegmentReadout::code, key by key, for tile_k keys of every tile.
void compare_arrays(std::uint32_t head_dim, std::uint32_t columns, std::uint32_t arrays, std::uint32_t tile_k,
                    std::uint32_t interleave = 1) {
  std::mt19937 random(head_dim + arrays);
  Config config;
  config.array.columns = columns;
  config.array.count = arrays;
  config.sensing.circuit.matching_coefficient = 0.1;
  config.sensing.circuit.dnl_lsb = 0.2;
  Mapping mapping;
  mapping.rows = config.array.rows;
  mapping.keys = 5000;
  mapping.interleave = interleave;
  mapping.tiles = (mapping.keys + mapping.rows - 1) / mapping.rows;
  mapping.arrays = arrays;
  mapping.segmentation = {head_dim, columns};
  const BitRows keys = random_rows(random, mapping.segmentation, mapping.keys),
                query = random_rows(random, mapping.segmentation, 1);
  const fast::RandomArrays cores(config, mapping, 0);
  const Sensing sensing(config, mapping.segmentation);
  const auto score_of = [&](std::uint32_t key) {
    std::int32_t score = 0;
    for (std::uint32_t segment = 0; segment < mapping.segmentation.segments(); ++segment) {
      std::uint32_t matches = 0;
      count_matches(query, 0, keys, key, 1, segment, &matches);
      const simd::RandomPlanes::Row& row = cores.row(key, segment);
      const SegmentReadout& readout = cores.readout().segment(segment);
      const std::int32_t cells =
          sum_of_matching_cells(row.cells, readout.used, query.words(0, segment), keys.words(key, segment));
      score += sensing.score(segment, readout.code(matches, cells, row.readout, 0.0f));
    }
    return score;
  };
  const ValidKeys valid(0, mapping.keys, nullptr);
  std::vector<Candidate> all;
  for (std::uint32_t tile = 0; tile < mapping.tiles; ++tile) {
    std::vector<std::int32_t> scores;
    const TileKeys of_tile = mapping.keys_of(tile);
    for (std::uint32_t i = 0; i < of_tile.count; ++i) scores.push_back(score_of(of_tile[i]));
    best_of_tile(scores, of_tile, valid, tile_k, all);
  }
  keep_best(all, 5000);
  with_every_target([&] {
    simd::Searcher searcher(keys, sensing, mapping.rows, tile_k, 5000, interleave);
    REQUIRE(searcher.make_random(keys, cores.readout(), 0,
                                 [&](std::uint32_t key, std::uint32_t segment) -> const simd::RandomPlanes::Row& {
                                   return cores.row(key, segment);
                                 }));
    simd::Searcher::Scratch scratch;
    searcher.search(query, 0, valid, scratch);
    REQUIRE(scratch.key.size() == all.size());
    std::vector<Candidate> found;
    for (std::size_t i = 0; i < all.size(); ++i)
      found.push_back({static_cast<std::int32_t>(scratch.level[i]) * sensing.score_step(), scratch.key[i]});
    INFO(head_dim << " in " << columns << " columns, " << arrays << " arrays, interleave " << interleave << ", "
                  << simd::target_name());
    CHECK(found == all);
  });
}

}  // namespace

TEST_CASE("cells that differ are summed exactly: one array or several, wide rows, segments, one stage of selection") {
  for (const std::uint32_t arrays : {1u, 2u, 3u, 16u, 70u}) {
    compare_arrays(64, 64, arrays, 15);
    compare_arrays(61, 64, arrays, 15);
    compare_arrays(100, 48, arrays, 15);
    compare_arrays(64, 64, arrays, 16);
    for (const std::uint32_t interleave : {2u, 7u, 1000u}) {
      compare_arrays(64, 64, arrays, 15, interleave);
      compare_arrays(100, 48, arrays, 16, interleave);
    }
  }
  compare_arrays(600, 600, 1, 15);
  compare_arrays(600, 300, 3, 15);
}

TEST_CASE("a byte of cells that are all far off is left to the plain search") {
  std::mt19937 random(1);
  const Segmentation segmentation{64, 64};
  const BitRows keys = random_rows(random, segmentation, 100);
  Config config;
  config.sensing.circuit.matching_coefficient = 0.1;
  const RandomReadout readout(config, segmentation);
  const Sensing sensing(config, segmentation);
  std::vector<std::int16_t> cells(64, 0);
  std::fill_n(cells.begin() + 8, 4, std::int16_t{-63});
  simd::RandomPlanes::Row row{cells.data(), {}};
  const auto row_of = [&](std::uint32_t, std::uint32_t) -> const simd::RandomPlanes::Row& { return row; };
  cells[12] = 3;  // 255 in all
  CHECK(simd::Searcher(keys, sensing, 16, 2, 32).make_random(keys, readout, 0, row_of));
  cells[12] = 4;
  CHECK_FALSE(simd::Searcher(keys, sensing, 16, 2, 32).make_random(keys, readout, 0, row_of));
}

TEST_CASE("random codes are the same with every instruction set, in any order of queries") {
  std::uint32_t compared = 0;
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    const RandomMachine random = random_machine(seed);
    if (!RandomReadout::needed(random.config)) continue;
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
