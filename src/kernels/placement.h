// The placement of a head's keys in tiles (docs/timing.md, Placement of keys): consecutive keys go to `interleave`
// tiles in turn.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

namespace capcam {

// The keys of a tile, row by row: first, first + step, first + 2 step, ...
struct TileKeys {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  std::uint32_t step = 1;

  std::uint32_t operator[](std::uint32_t row) const { return first + row * step; }
  // Returns the number of rows that hold a key below `key`.
  std::uint32_t rows_below(std::uint32_t key) const {
    return key <= first ? 0 : std::min(count, (key - first - 1) / step + 1);
  }
  // Returns `rows` rows from first_row on.
  TileKeys part(std::uint32_t first_row, std::uint32_t rows) const { return {(*this)[first_row], rows, step}; }

  friend bool operator==(const TileKeys&, const TileKeys&) = default;
};

// The place of a key on the arrays.
struct KeyPlace {
  std::uint32_t tile = 0;
  std::uint32_t row = 0;

  friend bool operator==(const KeyPlace&, const KeyPlace&) = default;
};

// Keys are taken in blocks of interleave * rows. A block lies in min(interleave, tiles that its keys need) tiles: its
// key o in tile o mod tiles at row o / tiles. `keys` counts all keys of the head, so that a key stays where it is while
// a cache grows.
struct Placement {
  std::uint32_t keys = 0;
  std::uint32_t rows = 1;        // keys that a tile can hold
  std::uint32_t interleave = 1;  // 1: a tile is `rows` consecutive keys

  bool consecutive() const { return interleave == 1 || rows == 1; }
  std::uint32_t tiles() const { return keys / rows + (keys % rows != 0 ? 1 : 0); }

  KeyPlace place(std::uint32_t key) const {
    if (consecutive()) return {key / rows, key % rows};
    const Block block = block_of_key(key);
    const std::uint32_t in_block = key - block.first_key;
    return {block.first_tile + in_block % block.tiles, in_block / block.tiles};
  }

  // Returns the keys of a tile; it is the inverse of place().
  TileKeys tile(std::uint32_t number) const {
    if (consecutive()) return {number * rows, std::min(rows, keys - number * rows), 1};
    const Block block = block_number(number / interleave);
    const std::uint32_t in_block = number - block.first_tile;
    return {block.first_key + in_block, (block.keys - in_block + block.tiles - 1) / block.tiles, block.tiles};
  }

  // Returns those of them that are below `there`.
  TileKeys tile(std::uint32_t number, std::uint32_t there) const {
    const TileKeys all = tile(number);
    return {all.first, all.rows_below(there), all.step};
  }

  // Returns the number of keys in the tiles before `number`, which may be tiles().
  std::uint32_t keys_before(std::uint32_t number) const {
    if (consecutive() || number == tiles()) return std::min(number * rows, keys);
    const Block block = block_number(number / interleave);
    const std::uint32_t in_block = number - block.first_tile;
    return block.first_key + block.keys / block.tiles * in_block + std::min(in_block, block.keys % block.tiles);
  }

  // No key from `key` on lies in a tile before this one.
  std::uint32_t first_tile(std::uint32_t key) const {
    return consecutive() ? key / rows : block_of_key(key).first_tile;
  }
  // Returns the number after the last tile that holds a key below `end`, which is at least 1.
  std::uint32_t end_tile(std::uint32_t end) const {
    if (consecutive()) return (end - 1) / rows + 1;
    const Block block = block_of_key(end - 1);
    return block.first_tile + std::min(block.tiles, end - block.first_key);
  }

 private:
  struct Block {
    std::uint32_t first_tile, first_key;
    std::uint32_t keys, tiles;
  };

  std::uint64_t block_keys() const { return std::uint64_t{interleave} * rows; }
  Block block_of_key(std::uint32_t key) const { return block_number(static_cast<std::uint32_t>(key / block_keys())); }
  Block block_number(std::uint32_t number) const {
    const auto first_key = static_cast<std::uint32_t>(number * block_keys());
    const auto in_block = static_cast<std::uint32_t>(std::min<std::uint64_t>(keys - first_key, block_keys()));
    return {number * interleave, first_key, in_block, std::min(interleave, (in_block - 1) / rows + 1)};
  }
};

}  // namespace capcam
