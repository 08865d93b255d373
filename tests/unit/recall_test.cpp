// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <set>

#include "engines/fast/engine.h"
#include "mapping/mapping.h"
#include "stats/accuracy_meter.h"
#include "studies/selection/expected.h"
#include "studies/selection/ranking.h"
#include "studies/selection/study.h"
#include "support/catch.h"
#include "support/random_trace.h"

using namespace capcam;
using capcam::testing::random_trace;

namespace {

TraceShape shape_of(std::uint64_t heads, std::uint64_t queries, std::uint64_t keys, std::uint64_t head_dim) {
  TraceShape shape;
  shape.batch = 1;
  shape.heads = shape.kv_heads = heads;
  shape.queries = queries;
  shape.keys = keys;
  shape.head_dim = head_dim;
  shape.value_dim = 4;
  return shape;
}

// Counts every way of choosing which `n` keys are the best; each way keeps min(best in tile, tile_k) per tile.
double counted_recall(const std::vector<std::uint32_t>& valid, std::uint32_t tile_k, std::uint32_t n) {
  std::vector<std::uint32_t> tile_of;
  for (std::uint32_t tile = 0; tile < valid.size(); ++tile) tile_of.insert(tile_of.end(), valid[tile], tile);
  double kept = 0.0, ways = 0.0;
  for (std::uint32_t best = 0; best < std::uint32_t{1} << tile_of.size(); ++best) {
    if (std::popcount(best) != static_cast<int>(n)) continue;
    std::vector<std::uint32_t> in_tile(valid.size(), 0);
    for (std::size_t key = 0; key < tile_of.size(); ++key) in_tile[tile_of[key]] += (best >> key) & 1u;
    for (const std::uint32_t count : in_tile) kept += std::min(count, tile_k);
    ways += n;
  }
  return kept / ways;
}

std::vector<ScoredKey> ranked(std::vector<ScoredKey> keys) {
  rank(keys);
  return keys;
}

}  // namespace

TEST_CASE("the expected recall is that of the published table") {
  CHECK(expected_recall(1024, 16, 2, 32) == Approx(0.97408).margin(0.000005));
  CHECK(expected_recall(1024, 32, 2, 32) == Approx(0.90767).margin(0.000005));
  CHECK(expected_recall(1024, 16, 2, 16) == Approx(0.9935).margin(0.00005));
  CHECK(expected_recall(1024, 16, 1, 32) == Approx(0.801).margin(0.0005));
  CHECK(expected_recall(1024, 16, 4, 32) == Approx(0.9998).margin(0.00005));
}

TEST_CASE("the expected recall is the mean over every place the best keys can be at") {
  for (const std::vector<std::uint32_t>& valid :
       {std::vector<std::uint32_t>{4, 4, 4}, {3, 1, 0, 5}, {1, 1, 1, 1, 1}, {9}, {7, 2}}) {
    for (const std::uint32_t tile_k : {1u, 2u, 3u, 5u}) {
      for (const std::uint32_t n : {1u, 2u, 4u, 5u})
        CHECK(expected_recall(valid, tile_k, n) == Approx(counted_recall(valid, tile_k, n)).epsilon(1e-12));
    }
  }
}

TEST_CASE("nothing is lost when every key of a tile goes on, or there is none") {
  CHECK(expected_recall(100, 16, 0, 32) == 1.0);
  CHECK(expected_recall(100, 16, 16, 32) == Approx(1.0).epsilon(1e-12));
  CHECK(expected_recall(std::vector<std::uint32_t>{0, 0}, 2, 4) == 1.0);
}

TEST_CASE("keys of equal score stand in for each other, better ones do not") {
  // Tiles of two: {9, 9} {5, 5} {5, 1}. The four best in one stage: keys 0, 1, 2, 3; one of each tile: keys 0, 2, 4.
  const std::vector<ScoredKey> keys = ranked({{0, 9}, {1, 9}, {2, 5}, {3, 5}, {4, 5}, {5, 1}});
  const std::vector<std::uint32_t> places = places_in_tiles(keys, {6, 2});
  CHECK(places == std::vector<std::uint32_t>{0, 1, 0, 1, 0, 1});
  const Kept kept = keep(keys, places, 1, 4, 0.0);
  CHECK(kept.top == 4);
  CHECK(kept.of_top == 2);         // 0 and 2
  CHECK(kept.of_top_scores == 3);  // a nine, two fives
  CHECK(kept.weight == 3);
  CHECK(kept.top_weight == 4);
  CHECK(keep(keys, places, 2, 4, 0.0).of_top == 4);
  CHECK(keep(keys, places, 0, 4, 0.0).of_top == 4);
}

TEST_CASE("more keys of the worst kept score than one stage has are not counted") {
  // One stage keeps 9 9 5; two stages lose a nine and have two fives: one of them counts.
  const std::vector<ScoredKey> keys = ranked({{0, 9}, {1, 9}, {2, 5}, {3, 1}, {4, 5}, {5, 1}});
  const Kept kept = keep(keys, places_in_tiles(keys, {6, 2}), 1, 3, 0.0);
  CHECK(kept.of_top == 2);
  CHECK(kept.of_top_scores == 2);
}

TEST_CASE("neighbours are counted against scattered keys") {
  // Three best of ten in a row: 2 pairs, where 3 * 2 / 10 are expected.
  const std::vector<std::uint32_t> all{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  std::vector<ScoredKey> keys;
  for (const std::uint32_t key : all) keys.push_back({key, key >= 4 && key < 7 ? 1.0 : 0.0});
  CHECK(neighbour_ratio(ranked(keys), all, 3) == Approx(2 / 0.6));
  // Keys that no query may see are not between neighbours.
  CHECK(neighbour_ratio(ranked({{0, 2}, {5, 1}, {9, 0}}), std::vector<std::uint32_t>{0, 5, 9}, 2) ==
        Approx(1 / (2.0 / 3)));
}

TEST_CASE("scattered keys without ties have the expected recall") {
  const Trace trace = random_trace(shape_of(4, 64, 96, 48), 1);  // normal values: every order is as likely
  Config config;
  const Workload workload(trace, config);
  const SelectionStudy study =
      study_selection(workload, config, {{8, 16}, {1, 3}, {1, 2}, {12}}, [](std::uint32_t) { return false; });
  for (const SelectionFigures& figures : study.figures) {
    CHECK(figures.queries == 4 * 64);
    // 256 queries of 12 keys: three standard deviations of their mean are less than 0.03
    CHECK(figures.full_precision == Approx(figures.estimate).margin(0.03));
    CHECK(figures.by_key <= figures.by_score);
    CHECK(figures.by_score <= 1.0);
  }
}

TEST_CASE("interleaved tiles take their own keys") {
  // Six keys in turn over three tiles: {0, 3} {1, 4} {2, 5}.
  const std::vector<ScoredKey> keys = ranked({{0, 9}, {1, 8}, {2, 7}, {3, 6}, {4, 5}, {5, 4}});
  CHECK(places_in_tiles(keys, {6, 2, 3}) == std::vector<std::uint32_t>{0, 0, 0, 1, 1, 1});
  CHECK(keep(keys, places_in_tiles(keys, {6, 2, 3}), 1, 3, 0.0).of_top == 3);
  CHECK(keep(keys, places_in_tiles(keys, {6, 2}), 1, 3, 0.0).of_top == 2);
}

TEST_CASE("recall by key is what the machine's own selection reaches, whatever the placement") {
  const Trace trace = random_trace(shape_of(3, 20, 90, 40), 2);
  Config config;
  config.sensing.kind = "ideal";
  config.array.rows = 16;
  config.top_n.n = 10;
  for (const std::uint32_t interleave : {1u, 2u, 6u}) {
    CAPTURE(interleave);
    config.array.interleave = interleave;
    const Workload workload(trace, config);
    AccuracyMeter meter(workload, config, 1.0);
    simulate_fast(workload, config, map_onto(trace.shape, config), meter, 1);
    const SelectionStudy study = study_selection(workload, config, {{16}, {interleave}, {config.top_n.tile_k}, {10}},
                                                 [](std::uint32_t) { return false; });
    CHECK(study.figures[0].by_key == Approx(meter.result().ideal->selection_recall).epsilon(1e-12));
  }
}
