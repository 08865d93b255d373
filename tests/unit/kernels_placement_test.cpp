// SPDX-License-Identifier: Apache-2.0
#include "kernels/placement.h"

#include <map>
#include <utility>
#include <vector>

#include "support/catch.h"

using namespace capcam;

namespace {

struct Case {
  std::uint32_t keys, rows, interleave;
};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const std::uint32_t keys : {1u, 2u, 15u, 16u, 17u, 31u, 33u, 64u, 100u, 129u, 217u, 1024u}) {
    for (const std::uint32_t rows : {1u, 2u, 5u, 16u, 64u, 300u}) {
      for (const std::uint32_t interleave : {1u, 2u, 3u, 4u, 7u, 64u, 1048576u})
        all.push_back({keys, rows, interleave});
    }
  }
  return all;
}

// Deals the keys out one by one, block by block, as docs/timing.md says.
std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> dealt(const Case& c) {
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint32_t> keys;  // by tile and row
  std::uint32_t first_tile = 0, key = 0;
  while (key < c.keys) {
    std::vector<std::uint32_t> block;
    while (key < c.keys && block.size() < std::uint64_t{c.interleave} * c.rows) block.push_back(key++);
    std::uint32_t tiles = 0;
    while (std::uint64_t{tiles} * c.rows < block.size()) ++tiles;
    std::vector<std::uint32_t> rows(tiles);
    for (std::size_t i = 0; i < block.size(); ++i) {
      const auto tile = static_cast<std::uint32_t>(i % tiles);
      keys[{first_tile + tile, rows[tile]++}] = block[i];
    }
    first_tile += tiles;
  }
  return keys;
}

}  // namespace

TEST_CASE("every key is in one row of one tile, where dealing them out block by block puts it, and back") {
  for (const Case& c : cases()) {
    CAPTURE(c.keys, c.rows, c.interleave);
    const Placement placement{c.keys, c.rows, c.interleave};
    const auto expected = dealt(c);
    REQUIRE(expected.size() == c.keys);
    std::uint32_t found = 0, most_rows = 0;
    bool same = true;
    for (std::uint32_t tile = 0; tile < placement.tiles(); ++tile) {
      const TileKeys keys = placement.tile(tile);
      CHECK(placement.keys_before(tile) == found);
      most_rows = std::max(most_rows, keys.count);
      for (std::uint32_t row = 0; row < keys.count; ++row, ++found) {
        same = same && expected.at({tile, row}) == keys[row];
        same = same && placement.place(keys[row]) == KeyPlace{tile, row};
        same = same && (row == 0 || keys[row - 1] < keys[row]);  // so ties within a tile go to the lower row
      }
    }
    CHECK(same);
    CHECK(found == c.keys);
    CHECK(placement.keys_before(placement.tiles()) == c.keys);
    CHECK(most_rows <= c.rows);
    CHECK(placement.tiles() == (c.keys + c.rows - 1) / c.rows);
  }
}

TEST_CASE("without interleaving, and with tiles of one row, tiles are consecutive keys") {
  for (const Case& c : cases()) {
    const Placement placement{c.keys, c.rows, c.interleave};
    if (c.interleave != 1 && c.rows != 1) continue;
    CHECK(placement.consecutive());
    for (std::uint32_t key = 0; key < c.keys; ++key)
      CHECK(placement.place(key) == KeyPlace{key / c.rows, key % c.rows});
  }
}

TEST_CASE("the first 96 keys of 1024 over four tiles of 16 rows") {
  const Placement placement{1024, 16, 4};
  CHECK(placement.place(0) == KeyPlace{0, 0});
  CHECK(placement.place(1) == KeyPlace{1, 0});
  CHECK(placement.place(4) == KeyPlace{0, 1});
  CHECK(placement.place(63) == KeyPlace{3, 15});
  CHECK(placement.place(64) == KeyPlace{4, 0});  // the next block
  CHECK(placement.place(95) == KeyPlace{7, 7});
}

TEST_CASE("a block that needs fewer tiles spreads its keys over those") {
  const Placement placement{64 + 20, 16, 4};  // 20 keys are left for two tiles
  CHECK(placement.tiles() == 6);
  CHECK(placement.tile(4) == TileKeys{64, 10, 2});
  CHECK(placement.tile(5) == TileKeys{65, 10, 2});
}

TEST_CASE("the tiles of a range of keys are within its bounds, and the last of them holds one") {
  for (const Case& c : cases()) {
    if (c.keys > 140) continue;
    const Placement placement{c.keys, c.rows, c.interleave};
    CAPTURE(c.keys, c.rows, c.interleave);
    for (std::uint32_t begin = 0; begin < c.keys; ++begin) {
      std::uint32_t highest = 0;  // tile of a key before the end
      for (std::uint32_t key = 0; key <= begin; ++key) highest = std::max(highest, placement.place(key).tile);
      CHECK(placement.end_tile(begin + 1) == highest + 1);
      std::uint32_t lowest = placement.tiles();
      for (std::uint32_t key = begin; key < c.keys; ++key) lowest = std::min(lowest, placement.place(key).tile);
      CHECK(placement.first_tile(begin) <= lowest);
    }
  }
}

TEST_CASE("the rows of a tile below a key are counted, and a growing cache fills a tile from its first row on") {
  const TileKeys keys{5, 4, 3};  // 5, 8, 11, 14
  const std::uint32_t expected[] = {0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4};
  for (std::uint32_t key = 0; key < std::size(expected); ++key) CHECK(keys.rows_below(key) == expected[key]);
  CHECK(keys.part(1, 2) == TileKeys{8, 2, 3});
  const Placement placement{100, 8, 3};
  for (std::uint32_t there = 1; there <= 100; ++there) {
    std::uint32_t rows = 0;
    for (std::uint32_t tile = 0; tile < placement.tiles(); ++tile) rows += placement.tile(tile, there).count;
    CHECK(rows == there);
    const KeyPlace newest = placement.place(there - 1);
    CHECK(placement.tile(newest.tile, there).count == newest.row + 1);
  }
}
