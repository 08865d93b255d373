// SPDX-License-Identifier: Apache-2.0
#include "engines/fast/results/matching_cells.h"

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>

#include "core/target_clones.h"

namespace capcam::fast {
namespace {

// Bit i of a byte is byte i of a word, so that one addition counts eight columns.
constexpr std::array<std::uint64_t, 256> spread = [] {
  std::array<std::uint64_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    for (std::uint32_t bit = 0; bit < 8; ++bit) table[byte] |= std::uint64_t{byte >> bit & 1u} << (8 * bit);
  }
  return table;
}();
constexpr std::uint32_t most_rows = 255;  // rows that a byte can count

// Adds the ones of each of 64 columns in `count` rows, at most 255, `stride` words apart.
void add_ones(const std::uint64_t* word, std::uint32_t count, std::size_t stride, std::uint32_t* ones) {
  std::array<std::uint64_t, 8> lanes{};
  for (std::uint32_t i = 0; i < count; ++i, word += stride) {
    for (std::uint32_t byte = 0; byte < 8; ++byte) lanes[byte] += spread[*word >> (8 * byte) & 0xff];
  }
  for (std::uint32_t column = 0; column < 64; ++column)
    ones[column] += static_cast<std::uint32_t>(lanes[column / 8] >> (8 * (column % 8)) & 0xff);
}

// Sums to - from over the 64 columns whose bit is one.
CAPCAM_VECTOR_CLONES
std::uint64_t sum_of_ones(std::uint64_t bits, const std::uint32_t* from, const std::uint32_t* to) {
  std::uint64_t sum = 0;
  for (std::uint32_t half = 0; half < 64; half += 32) {
    const auto of_half = static_cast<std::uint32_t>(bits >> half);
    for (std::uint32_t column = 0; column < 32; ++column)
      sum += std::uint64_t{(to[half + column] - from[half + column]) & (0u - (of_half >> column & 1u))};
  }
  return sum;
}

// Sums (to - from) times weight over `count` columns.
CAPCAM_VECTOR_CLONES
std::uint64_t weighted_sum(const std::uint32_t* weights, const std::uint32_t* from, const std::uint32_t* to,
                           std::size_t count) {
  std::uint64_t sum = 0;
  for (std::size_t column = 0; column < count; ++column)
    sum += std::uint64_t{to[column] - from[column]} * weights[column];
  return sum;
}

}  // namespace

MatchingCells::MatchingCells(const BitRows& keys, const Mapping& mapping, CellCircuit circuit)
    : keys_(keys),
      mapping_(mapping),
      counts_pairs_(circuit == CellCircuit::coupling),
      words_(std::size_t{mapping.segmentation.segments()} * mapping.segmentation.words_per_segment()) {
  const std::size_t columns = words_ * 64;
  ones_.resize((std::size_t{mapping.tiles} + 1) * columns);
  total_ones_.resize(std::size_t{mapping.tiles} + 1);
  for (std::uint32_t tile = 0; tile < mapping.tiles; ++tile) {
    const std::uint32_t* before = ones_.data() + tile * columns;
    std::uint32_t* after = ones_.data() + (std::size_t{tile} + 1) * columns;
    std::copy_n(before, columns, after);
    const TileKeys of_tile = mapping.keys_of(tile);
    for (std::uint32_t row = 0; row < of_tile.count; row += most_rows) {
      const std::uint64_t* words = keys.words(of_tile[row], 0).data();  // segments follow one another
      const std::uint32_t rows = std::min(most_rows, of_tile.count - row);
      for (std::size_t word = 0; word < words_; ++word)
        add_ones(words + word, rows, words_ * of_tile.step, after + word * 64);
    }
    total_ones_[tile + 1] = std::accumulate(after, after + columns, std::uint64_t{0});
  }
}

// A one of the query matches the column's ones, a zero its zeros; columns beyond the head dimension have neither.
std::uint64_t MatchingCells::of_tiles(const Queries& queries, std::uint32_t first, std::uint32_t last) const {
  const std::uint64_t keys = mapping_.placement().keys_before(last) - mapping_.placement().keys_before(first);
  const std::size_t columns = words_ * 64;
  const std::uint32_t* from = ones_.data() + first * columns;
  const std::uint32_t* to = ones_.data() + last * columns;
  std::uint64_t query_ones = 0, both_one = 0;
  if (queries.ones.empty()) {
    const std::uint64_t* bits = queries.bits.words(queries.first, 0).data();
    for (std::size_t word = 0; word < words_; ++word) {
      query_ones += static_cast<std::uint64_t>(std::popcount(bits[word]));
      both_one += sum_of_ones(bits[word], from + word * 64, to + word * 64);
    }
  } else {
    query_ones = std::accumulate(queries.ones.begin(), queries.ones.end(), std::uint64_t{0});
    both_one = weighted_sum(queries.ones.data(), from, to, columns);
  }
  const std::uint64_t all = queries.count(), key_ones = total_ones_[last] - total_ones_[first];
  const std::uint64_t both_zero =
      keys * (all * mapping_.segmentation.head_dim - query_ones) - (all * key_ones - both_one);
  return both_one + both_zero;
}

// Counts one by one in a decoder's tile that is not full yet.
std::uint64_t MatchingCells::of_keys(const Queries& queries, const TileKeys& keys) const {
  std::vector<std::uint32_t> matches(keys.count);
  std::uint64_t cells = 0;
  for (std::uint32_t query = queries.first; query < queries.last; ++query) {
    for (std::uint32_t segment = 0; segment < mapping_.segmentation.segments(); ++segment) {
      count_matches(queries.bits, query, keys_, keys, segment, matches.data());
      cells += std::accumulate(matches.begin(), matches.end(), std::uint64_t{0});
    }
  }
  return cells;
}

CellCounts MatchingCells::operator()(const BitRows& queries, std::uint32_t query, const ValidKeyRule& rule) const {
  const ValidKeys valid = rule(query);
  const std::uint32_t there = mapping_.decode == Decode::off ? mapping_.keys : rule.there(query);
  return {count(queries, query, valid, there), counts_pairs_ ? pairs(queries, query, valid, there) : 0};
}

CellCounts MatchingCells::operator()(const BitRows& queries, std::uint32_t first, std::uint32_t last,
                                     const ValidKeyRule& rule) const {
  CellCounts cells;
  std::vector<std::uint32_t> ones(words_ * 64);
  while (first < last) {
    const ValidKeys valid = rule(first);
    const std::uint32_t there = rule.there(first);
    std::uint32_t end = first + 1;  // the queries up to here are like the first; a rule has one mask
    for (; end < last && end - first < most_rows; ++end) {
      const ValidKeys other = rule(end);
      if (other.begin() != valid.begin() || other.end() != valid.end()) break;
      if (mapping_.decode != Decode::off && rule.there(end) != there) break;
    }
    if (end - first == 1 || counts_pairs_) {
      for (; first < end; ++first) cells += (*this)(queries, first, rule);
      continue;
    }
    std::ranges::fill(ones, 0u);
    const std::uint64_t* words = queries.words(first, 0).data();
    for (std::size_t word = 0; word < words_; ++word)
      add_ones(words + word, end - first, words_, ones.data() + word * 64);
    cells.matches += count({queries, first, end, ones}, valid, mapping_.decode == Decode::off ? mapping_.keys : there);
    first = end;
  }
  return cells;
}

std::uint64_t MatchingCells::pairs(const BitRows& queries, std::uint32_t query, const ValidKeys& valid,
                                   std::uint32_t there) const {
  std::vector<std::uint32_t> matches(mapping_.rows);
  const Placement placement = mapping_.placement();
  std::uint64_t pairs = 0;
  for (std::uint32_t tile = 0; tile < mapping_.tiles; ++tile) {
    if (!valid.any(placement.tile(tile))) continue;
    const TileKeys keys = placement.tile(tile, there);
    for (std::uint32_t segment = 0; segment < mapping_.segmentation.segments(); ++segment) {
      const std::uint64_t used = mapping_.segmentation.used_columns(segment);
      count_matches(queries, query, keys_, keys, segment, matches.data());
      for (std::uint32_t row = 0; row < keys.count; ++row) pairs += matches[row] * (used - matches[row]);
    }
  }
  return pairs;
}

std::uint64_t MatchingCells::count(const BitRows& queries, std::uint32_t query, const ValidKeys& valid,
                                   std::uint32_t there) const {
  return count({queries, query, query + 1, {}}, valid, there);
}

std::uint64_t MatchingCells::count(const Queries& queries, const ValidKeys& valid, std::uint32_t there) const {
  if (valid.begin() == valid.end()) return 0;
  const Placement placement = mapping_.placement();
  const std::uint32_t last = placement.end_tile(valid.end());
  std::uint64_t cells = 0;
  std::uint32_t run = placement.first_tile(valid.begin());  // the tiles from here on are searched and full
  const auto end_run = [&](std::uint32_t tile) {
    if (run < tile) cells += of_tiles(queries, run, tile);
    run = tile + 1;
  };
  // Where tiles are consecutive keys that are all valid, none but a decoder's last one need be looked at.
  const bool all_searched = placement.consecutive() && valid.all(valid.begin(), valid.end());
  for (std::uint32_t tile = all_searched ? last - 1 : run; tile < last; ++tile) {
    const TileKeys all = placement.tile(tile), keys = placement.tile(tile, there);
    if (valid.any(all) && keys.count == all.count) continue;
    end_run(tile);
    if (valid.any(all)) cells += of_keys(queries, keys);
  }
  end_run(last);
  return cells;
}

}  // namespace capcam::fast
