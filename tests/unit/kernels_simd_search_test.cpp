// The SIMD search gives the results of the plain kernels that the systemc engine uses.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/simd/search.h"

#include <random>

#include "kernels/contextualization.h"
#include "kernels/simd/accumulate.h"
#include "support/catch.h"
#include "support/simd_targets.h"

using namespace capcam;
using namespace capcam::testing;

namespace {

struct Draw {
  std::mt19937 random;
  std::uint32_t operator()(std::uint32_t least, std::uint32_t most) {
    return least + static_cast<std::uint32_t>(random() % (most - least + 1));
  }
  std::uint32_t one_of(std::initializer_list<std::uint32_t> values) {
    return *(values.begin() + (*this)(0, static_cast<std::uint32_t>(values.size()) - 1));
  }
};

BitRows random_rows(Draw& draw, Segmentation segmentation, std::uint32_t rows, bool alike) {
  BitRows bits(segmentation, rows);
  std::vector<float> values(segmentation.head_dim);
  for (std::uint32_t row = 0; row < rows; ++row) {
    // Rows that are alike tie.
    if (row == 0 || !alike || draw(0, 3) == 0)
      for (float& value : values) value = draw(0, 1) == 0 ? -1.0f : 1.0f;
    bits.pack(row, values);
  }
  return bits;
}

std::vector<Candidate> plain_search(const BitRows& query, const BitRows& keys, const Sensing& sensing,
                                    const Placement& placement, std::uint32_t tile_k, std::uint32_t n,
                                    const ValidKeys& valid) {
  std::vector<Candidate> kept;
  for (std::uint32_t tile = 0; tile < placement.tiles(); ++tile) {
    const TileKeys of_tile = placement.tile(tile);
    std::vector<std::int32_t> scores(of_tile.count);
    std::vector<std::uint32_t> matches(of_tile.count);
    for (std::uint32_t segment = 0; segment < keys.segmentation().segments(); ++segment) {
      count_matches(query, 0, keys, of_tile, segment, matches.data());
      for (std::uint32_t i = 0; i < of_tile.count; ++i)
        scores[i] += sensing.score(segment, sensing.code(segment, matches[i]));
    }
    best_of_tile(scores, of_tile, valid, tile_k, kept);
  }
  keep_best(kept, n);
  return kept;
}

void compare_searches(std::uint32_t first_seed, std::uint32_t count) {
  simd::Searcher::Scratch scratch;  // shared, as by a thread
  for (std::uint32_t seed = first_seed; seed < first_seed + count; ++seed) {
    Draw draw{std::mt19937(seed)};
    const std::uint32_t keys = draw.one_of({draw(1, 40), draw(1, 400), draw(900, 3000)});
    const Segmentation segmentation{draw.one_of({8, 32, 64, 128, draw(1, 200), 300}), draw.one_of({16, 64, 100, 512})};
    Config params;
    params.sensing.kind = draw(0, 1) == 0 ? "ideal" : "sar";
    params.sensing.bits = draw.one_of({1, 3, 6, 6, 8, 10});
    const Sensing sensing(params, segmentation);
    const std::uint32_t rows = draw.one_of({1, 16, 16, 32, draw(1, 256), 300});
    const std::uint32_t tile_k = draw.one_of({0, 1, 2, 2, 3, draw(0, rows)});
    const std::uint32_t n = draw.one_of({1, 32, 32, draw(1, 100), 5000});
    if (!simd::Searcher::can(sensing, rows, tile_k)) continue;
    const std::uint32_t interleave = draw.one_of({1, 1, 2, draw(1, 200), 1000000});
    const bool alike = draw(0, 1) == 0;
    const BitRows key_bits = random_rows(draw, segmentation, keys, alike),
                  query = random_rows(draw, segmentation, 1, false);
    std::vector<std::uint64_t> mask((keys + 63) / 64);
    for (std::uint64_t& word : mask) word = draw.random() | (std::uint64_t{draw.random()} << 32);
    std::uint32_t begin = 0, end = keys;
    if (draw(0, 1) == 0) end = draw(0, keys);
    if (draw(0, 1) == 0) begin = draw(0, end);
    const ValidKeys valid(begin, end, draw(0, 2) == 0 ? mask.data() : nullptr);

    const simd::Searcher searcher(key_bits, sensing, rows, tile_k, n, interleave);
    searcher.search(query, 0, valid, scratch);
    std::vector<Candidate> found;
    for (std::size_t i = 0; i < scratch.key.size(); ++i)
      found.push_back({static_cast<std::int32_t>(scratch.level[i]) * sensing.score_step(), scratch.key[i]});
    INFO("seed " << seed << ", keys " << keys << ", D " << segmentation.head_dim << ", columns " << segmentation.columns
                 << ", bits " << params.sensing.bits << ", rows " << rows << ", interleave " << interleave
                 << ", tile_k " << tile_k << ", n " << n << ", valid " << begin << " to " << end << ", "
                 << simd::target_name());
    REQUIRE(found == plain_search(query, key_bits, sensing, {keys, rows, interleave}, tile_k, n, valid));
  }
}

}  // namespace

TEST_CASE(
    "the SIMD search keeps the keys that the plain kernels keep, on any machine, with masks, ties and partial tiles") {
  compare_searches(0, 1000);
  std::uint32_t first_seed = 1000;
  with_every_target([&] { compare_searches(first_seed, 300), first_seed += 300; });
}

TEST_CASE("values added up by SIMD are those added up row by row, to the last bit") {
  Draw draw{std::mt19937(1)};
  for (const std::uint32_t value_dim : {1u, 7u, 16u, 64u, 65u, 127u, 200u}) {
    std::vector<float> values(100 * value_dim), weights(33), expected(value_dim), output(value_dim, 5.0f);
    for (float& value : values) value = static_cast<float>(draw(0, 100000)) / 1000.0f - 50.0f;
    std::vector<std::uint32_t> keys;
    for (float& weight : weights) {
      weight = static_cast<float>(draw(0, 1000)) / 7000.0f;
      keys.push_back(draw(0, 99));
      accumulate_value(weight, {values.data() + std::size_t{keys.back()} * value_dim, value_dim}, expected);
    }
    with_every_target([&] {
      simd::accumulate_values(weights, keys, values.data(), output);
      INFO(simd::target_name());
      CHECK(output == expected);
    });
  }
}
