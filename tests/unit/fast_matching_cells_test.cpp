// SPDX-License-Identifier: Apache-2.0
#include "engines/fast/results/matching_cells.h"

#include <random>

#include "support/catch.h"

using namespace capcam;

namespace {

fast::CellCounts counted_one_by_one(const BitRows& queries, std::uint32_t query, const BitRows& keys,
                                    const Mapping& mapping, const ValidKeys& valid, std::uint32_t there) {
  fast::CellCounts cells;
  for (std::uint32_t tile = 0; tile < mapping.tiles; ++tile) {
    const TileKeys all = mapping.keys_of(tile);
    bool searched = false;
    for (std::uint32_t row = 0; row < all.count; ++row) searched = searched || valid(all[row]);
    if (!searched) continue;
    for (std::uint32_t row = 0; row < all.count && all[row] < there; ++row) {
      for (std::uint32_t segment = 0; segment < mapping.segmentation.segments(); ++segment) {
        std::uint32_t matches = 0;
        count_matches(queries, query, keys, all[row], 1, segment, &matches);
        cells.matches += matches;
        cells.pairs += std::uint64_t{matches} * (mapping.segmentation.used_columns(segment) - matches);
      }
    }
  }
  return cells;
}

}  // namespace

TEST_CASE("cells that match, counted by columns, are those counted search by search") {
  std::mt19937 random(7);
  const auto draw = [&](std::uint32_t least, std::uint32_t most) {
    return std::uniform_int_distribution<std::uint32_t>(least, most)(random);
  };
  for (int round = 0; round < 200; ++round) {
    Config config;
    config.array.rows = draw(1, 600);  // beyond the 255 rows that a byte counts
    config.array.columns = draw(1, 150);
    config.array.interleave = draw(0, 1) == 0 ? 1 : draw(1, 40);
    if (config.array.interleave > 1) config.array.rows = draw(1, 60);
    const TraceShape shape{1, 1, 1, 1, draw(1, 700), draw(1, 200), 1};
    const Mapping mapping = map_onto(shape, config);
    BitRows keys(mapping.segmentation, mapping.keys), queries(mapping.segmentation, 1);
    std::vector<float> numbers(shape.head_dim);
    const auto fill = [&](BitRows& rows, std::uint32_t row) {
      for (float& number : numbers) number = draw(0, 1) == 0 ? -1.0f : 1.0f;
      rows.pack(row, numbers);
    };
    for (std::uint32_t key = 0; key < mapping.keys; ++key) fill(keys, key);
    fill(queries, 0);
    std::vector<std::uint64_t> mask((mapping.keys + 63) / 64);
    for (std::uint64_t& word : mask) word = draw(0, 2) == 0 ? 0 : random() | std::uint64_t{random()} << 32;
    const std::uint32_t begin = draw(0, mapping.keys), end = draw(begin, mapping.keys);
    const fast::MatchingCells matching_cells(keys, mapping, CellCircuit::coupling);
    for (const ValidKeys& valid :
         {ValidKeys(0, mapping.keys, nullptr), ValidKeys(begin, end, nullptr), ValidKeys(begin, end, mask.data())}) {
      for (const std::uint32_t there : {mapping.keys, draw(valid.end(), mapping.keys)}) {
        CHECK(matching_cells.count(queries, 0, valid, there) ==
              counted_one_by_one(queries, 0, keys, mapping, valid, there).matches);
        CHECK(matching_cells.pairs(queries, 0, valid, there) ==
              counted_one_by_one(queries, 0, keys, mapping, valid, there).pairs);
      }
    }
  }
}

TEST_CASE("cells of many queries are the sums of those of each") {
  std::mt19937 random(8);
  const auto draw = [&](std::uint32_t least, std::uint32_t most) {
    return std::uniform_int_distribution<std::uint32_t>(least, most)(random);
  };
  for (int round = 0; round < 60; ++round) {
    Config config;
    config.array.rows = draw(1, 40);
    config.array.columns = draw(1, 150);
    const TraceShape shape{1, 1, 1, 300, draw(1, 300), draw(1, 200), 1};
    Mapping mapping = map_onto(shape, config);
    if (draw(0, 3) == 0) mapping.decode = Decode::append;
    BitRows keys(mapping.segmentation, mapping.keys), queries(mapping.segmentation, 300);
    std::vector<float> numbers(shape.head_dim);
    for (BitRows* rows : {&keys, &queries}) {
      for (std::uint32_t row = 0; row < rows->rows(); ++row) {
        for (float& number : numbers) number = draw(0, 1) == 0 ? -1.0f : 1.0f;
        rows->pack(row, numbers);
      }
    }
    ValidKeyRule rule;
    rule.keys = mapping.keys;
    rule.causal = draw(0, 1) == 0;
    rule.query_offset = draw(0, 200);
    if (draw(0, 1) == 0) rule.window = draw(1, 400);
    for (const CellCircuit circuit : {CellCircuit::coupling, Config().sensing.circuit.cell_circuit}) {
      const fast::MatchingCells matching_cells(keys, mapping, circuit);
      const std::uint32_t first = draw(0, 20);
      fast::CellCounts expected;
      for (std::uint32_t query = first; query < 300; ++query) expected += matching_cells(queries, query, rule);
      const fast::CellCounts counted = matching_cells(queries, first, 300, rule);
      CHECK(counted.matches == expected.matches);
      CHECK(counted.pairs == expected.pairs);
    }
  }
}
