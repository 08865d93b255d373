// The vector code of search.cpp, compiled once for every instruction set.
// SPDX-License-Identifier: Apache-2.0
#if defined(CAPCAM_KERNELS_SIMD_SEARCH_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CAPCAM_KERNELS_SIMD_SEARCH_INL_H
#undef CAPCAM_KERNELS_SIMD_SEARCH_INL_H
#else
#define CAPCAM_KERNELS_SIMD_SEARCH_INL_H
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "kernels/simd/search.h"

#ifndef CAPCAM_KERNELS_SIMD_SEARCH_CALL
#define CAPCAM_KERNELS_SIMD_SEARCH_CALL
namespace capcam::simd {

struct SearchCall {
  const KeyPlanes& keys;
  const std::vector<SegmentRule>& rules;
  std::uint32_t tile_k;
  std::uint32_t n;
  std::uint32_t largest_level;
  const ValidKeys& valid;
};

}  // namespace capcam::simd
#endif

HWY_BEFORE_NAMESPACE();
namespace capcam::simd::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr std::uint32_t block = KeyPlanes::block;

// A vector of at most a block's lanes.
template <class T>
using Lanes = hn::CappedTag<T, block>;

template <class T>
T* as(std::vector<std::uint8_t>& bytes) {
  return reinterpret_cast<T*>(bytes.data());
}

// The blocks and tiles that hold a query's valid keys.
struct Reach {
  std::uint32_t first_tile, last_tile;    // [first, last)
  std::uint32_t first_block, last_block;  // [first, last)
};

inline Reach reach_of(const SearchCall& call) {
  const std::uint32_t rows = call.keys.tile_rows();
  const std::uint32_t first = call.valid.begin() / rows, last = (call.valid.end() + rows - 1) / rows;
  return {first, last, first / block, (last + block - 1) / block};
}

// Lanes [0, N) of the differences between a query's bytes and the keys' in `planes` planes of 64 bytes; 255 bits at
// most.
template <class D8>
HWY_INLINE hn::Vec<D8> differences(D8 d, const std::uint8_t* HWY_RESTRICT query, const std::uint8_t* HWY_RESTRICT keys,
                                   std::uint32_t planes) {
  auto sum = hn::Zero(d);
  for (std::size_t at = 0; at < std::size_t{planes} * block; at += block) {
    sum = hn::Add(sum, hn::PopulationCount(hn::Xor(hn::LoadU(d, query + at), hn::LoadU(d, keys + at))));
  }
  return sum;
}

// min(((m << left) + add) >> right, top), lanes wide enough (SegmentRule).
template <class V>
HWY_INLINE V computed_level(V matches, V zero, V top, const SegmentRule& rule) {
  for (std::uint32_t i = 0; i < rule.left; ++i) matches = hn::Add(matches, matches);
  if (rule.right != 0) {
    for (std::uint32_t i = 1; i < rule.right; ++i) matches = hn::ShiftRight<1>(matches);
    matches = hn::AverageRound(matches, zero);  // (m + 1) >> 1
  }
  return hn::Min(matches, top);
}

// Levels + 1 of one row of a block (the first of the segments says 1 + its level, the others add theirs).
HWY_INLINE void row_levels(const SearchCall& call, const std::uint8_t* query, const std::uint8_t* keys,
                           std::uint8_t* HWY_RESTRICT levels) {
  const Lanes<std::uint8_t> d;
  const auto zero = hn::Zero(d);
  for (std::size_t i = 0; i < block; i += hn::Lanes(d)) {
    auto level = hn::Set(d, 1);
    const std::uint8_t* wanted = query;
    const std::uint8_t* plane = keys + i;
    for (const SegmentRule& rule : call.rules) {
      const auto different = differences(d, wanted, plane, rule.planes);
      const auto matches = hn::Sub(hn::Set(d, static_cast<std::uint8_t>(rule.used)), different);
      if (rule.computed) {
        level = hn::Add(level, computed_level(matches, zero, hn::Set(d, static_cast<std::uint8_t>(rule.top)), rule));
      } else {
        HWY_ALIGN std::uint8_t counts[block];
        hn::StoreU(matches, d, counts);
        // Lanes without a key hold a count too: all bits 0.
        for (std::size_t lane = 0; lane < hn::Lanes(d); ++lane)
          counts[lane] = static_cast<std::uint8_t>(rule.table[counts[lane]]);
        level = hn::Add(level, hn::LoadU(d, counts));
      }
      wanted += std::size_t{rule.planes} * block;
      plane += std::size_t{rule.planes} * block;
    }
    hn::StoreU(level, d, levels + i);
  }
}

HWY_INLINE void row_levels(const SearchCall& call, const std::uint8_t* query, const std::uint8_t* keys,
                           std::uint16_t* HWY_RESTRICT levels) {
  const Lanes<std::uint16_t> d;
  const hn::Rebind<std::uint8_t, decltype(d)> narrow;
  const auto zero = hn::Zero(d);
  for (std::size_t i = 0; i < block; i += hn::Lanes(d)) {
    auto level = hn::Set(d, 1);
    const std::uint8_t* wanted = query;
    const std::uint8_t* plane = keys + i;
    for (const SegmentRule& rule : call.rules) {
      auto matches = hn::Set(d, static_cast<std::uint16_t>(rule.used));
      for (std::uint32_t p = 0; p < rule.planes; p += 31) {
        const std::uint32_t planes = std::min(rule.planes - p, 31u);
        matches = hn::Sub(matches, hn::PromoteTo(d, differences(narrow, wanted, plane, planes)));
        wanted += std::size_t{planes} * block;
        plane += std::size_t{planes} * block;
      }
      if (rule.computed) {
        level = hn::Add(level, computed_level(matches, zero, hn::Set(d, static_cast<std::uint16_t>(rule.top)), rule));
      } else {
        HWY_ALIGN std::uint16_t counts[block];
        hn::StoreU(matches, d, counts);
        for (std::size_t lane = 0; lane < hn::Lanes(d); ++lane) counts[lane] = rule.table[counts[lane]];
        level = hn::Add(level, hn::LoadU(d, counts));
      }
    }
    hn::StoreU(level, d, levels + i);
  }
}

// The usual machine: one segment, level = min(matches, top); `Planes` planes (0: any number), all rows of a block.
template <std::uint32_t Planes>
void plain_levels(const SegmentRule& rule, const std::uint8_t* HWY_RESTRICT query,
                  const std::uint8_t* HWY_RESTRICT keys, std::uint32_t rows, std::uint8_t* HWY_RESTRICT levels) {
  const Lanes<std::uint8_t> d;
  const auto used = hn::Set(d, static_cast<std::uint8_t>(rule.used)),
             top = hn::Set(d, static_cast<std::uint8_t>(rule.top));
  const auto one = hn::Set(d, 1);
  const std::uint32_t planes = Planes == 0 ? rule.planes : Planes;
  const std::uint8_t* const end = keys + std::size_t{rows} * planes * block;
  for (; keys != end; keys += std::size_t{planes} * block, levels += block) {
    for (std::size_t i = 0; i < block; i += hn::Lanes(d)) {
      const auto matches = hn::Sub(used, differences(d, query, keys + i, planes));
      hn::StoreU(hn::Add(hn::Min(matches, top), one), d, levels + i);
    }
  }
}

// Levels + 1 of all rows of a block.
inline void block_levels(const SearchCall& call, const std::uint8_t* query, std::uint32_t b, std::uint8_t* levels) {
  const SegmentRule& rule = call.rules.front();
  const std::uint32_t rows = call.keys.tile_rows();
  if (call.rules.size() == 1 && rule.computed && rule.left == 0 && rule.right == 0) {
    const std::uint8_t* keys = call.keys.at(b, 0);
    if (rule.planes == 4) return plain_levels<4>(rule, query, keys, rows, levels);
    if (rule.planes == 8) return plain_levels<8>(rule, query, keys, rows, levels);
    return plain_levels<0>(rule, query, keys, rows, levels);
  }
  for (std::uint32_t row = 0; row < rows; ++row) row_levels(call, query, call.keys.at(b, row), levels + row * block);
}
inline void block_levels(const SearchCall& call, const std::uint8_t* query, std::uint32_t b, std::uint16_t* levels) {
  for (std::uint32_t row = 0; row < call.keys.tile_rows(); ++row)
    row_levels(call, query, call.keys.at(b, row), levels + row * block);
}

// Every byte of a query 64 times, as the planes hold the keys'.
inline const std::uint8_t* spread(Searcher::Scratch& s) {
  s.spread.resize(s.query.size() * block);
  std::uint8_t* to = s.spread.data();
  for (const std::uint8_t byte : s.query) to = std::fill_n(to, block, byte);
  return s.spread.data();
}

// Level + 1 of every valid key of the blocks in reach, 0 of every other place in them.
template <class T>
void find_levels(const SearchCall& call, const Reach& reach, const std::uint8_t* query, T* levels) {
  const KeyPlanes& keys = call.keys;
  const std::uint32_t rows = keys.tile_rows();
  for (std::uint32_t b = reach.first_block; b < reach.last_block; ++b) {
    block_levels(call, query, b, levels + std::size_t{b} * rows * block);
  }
  const auto clear = [&](std::uint32_t b, std::uint32_t first, std::uint32_t last) {
    for (std::uint32_t row = 0; first < last && row < rows; ++row) {
      T* of_row = levels + (std::size_t{b} * rows + row) * block;
      std::fill(of_row + first, of_row + last, T{0});
    }
  };
  clear(reach.first_block, 0, reach.first_tile - reach.first_block * block);
  clear(reach.last_block - 1, reach.last_tile - (reach.last_block - 1) * block, block);
  for (std::uint32_t key = reach.first_tile * rows; key < call.valid.begin(); ++key) levels[keys.place(key)] = 0;
  for (std::uint32_t key = call.valid.end(); key < reach.last_tile * rows; ++key) levels[keys.place(key)] = 0;
  call.valid.for_each_masked([&](std::uint32_t key) { levels[keys.place(key)] = 0; });
}

// The best `K` levels of every tile of a block and their rows, highest level first, equal levels lowest row first:
// best[rank][lane].
template <class T, std::uint32_t K>
void best_of_block(const T* HWY_RESTRICT levels, std::uint32_t rows, T* HWY_RESTRICT best, T* HWY_RESTRICT best_row) {
  static_assert(K == 1 || K == 2);
  const Lanes<T> d;
  for (std::size_t lane = 0; lane < block; lane += hn::Lanes(d)) {
    auto first = hn::LoadU(d, levels + lane), second = hn::Zero(d);
    auto first_row = hn::Zero(d), second_row = hn::Zero(d);
    for (std::uint32_t row = 1; row < rows; ++row) {
      const auto level = hn::LoadU(d, levels + std::size_t{row} * block + lane);
      const auto number = hn::Set(d, static_cast<T>(row));
      const auto beats_first = hn::Gt(level, first);
      if constexpr (K == 2) {
        const auto beats_second = hn::Gt(level, second);
        second = hn::Max(second, hn::Min(first, level));
        second_row = hn::IfThenElse(beats_first, first_row, hn::IfThenElse(beats_second, number, second_row));
      }
      first = hn::Max(first, level);
      first_row = hn::IfThenElse(beats_first, number, first_row);
    }
    hn::StoreU(first, d, best + lane);
    hn::StoreU(first_row, d, best_row + lane);
    if constexpr (K == 2) {
      hn::StoreU(second, d, best + block + lane);
      hn::StoreU(second_row, d, best_row + block + lane);
    }
  }
}

template <class T>
void best_of_block(const T* HWY_RESTRICT levels, std::uint32_t rows, std::uint32_t k, T* HWY_RESTRICT best,
                   T* HWY_RESTRICT best_row) {
  if (k == 1) return best_of_block<T, 1>(levels, rows, best, best_row);
  if (k == 2) return best_of_block<T, 2>(levels, rows, best, best_row);
  const Lanes<T> d;
  std::fill_n(best, std::size_t{k} * block, T{0});
  for (std::size_t lane = 0; lane < block; lane += hn::Lanes(d)) {
    for (std::uint32_t row = 0; row < rows; ++row) {
      const auto level = hn::LoadU(d, levels + std::size_t{row} * block + lane);
      const auto number = hn::Set(d, static_cast<T>(row));
      if (hn::AllFalse(d, hn::Gt(level, hn::LoadU(d, best + std::size_t{k - 1} * block + lane)))) continue;
      // From the last rank up: takes the level, or what the rank above loses to it, or stays.
      for (std::uint32_t rank = k; rank-- > 0;) {
        T* of_rank = best + std::size_t{rank} * block + lane;
        T* row_of_rank = best_row + std::size_t{rank} * block + lane;
        const auto old = hn::LoadU(d, of_rank);
        auto now = hn::Max(old, level);
        auto now_row = hn::IfThenElse(hn::Gt(level, old), number, hn::LoadU(d, row_of_rank));
        if (rank > 0) {
          const auto above = hn::LoadU(d, of_rank - block);
          const auto beats_above = hn::Gt(level, above);
          now = hn::IfThenElse(beats_above, above, now);
          now_row = hn::IfThenElse(beats_above, hn::LoadU(d, row_of_rank - block), now_row);
        }
        hn::StoreU(now, d, of_rank);
        hn::StoreU(now_row, d, row_of_rank);
      }
    }
  }
}

template <class T>
HWY_INLINE std::size_t count_at_least(const T* levels, std::size_t count, T threshold) {
  const Lanes<T> d;
  const auto below = hn::Set(d, static_cast<T>(threshold - 1));  // threshold >= 1
  std::size_t found = 0;
  for (std::size_t i = 0; i < count; i += hn::Lanes(d))
    found += hn::CountTrue(d, hn::Gt(hn::LoadU(d, levels + i), below));
  return found;
}

// One bit a lane of a block. Mask bits are stored in whole bytes.
template <class T>
HWY_INLINE std::uint64_t lanes_at_least(const T* levels, T threshold) {
  const Lanes<T> d;
  const auto below = hn::Set(d, static_cast<T>(threshold - 1));
  if (hn::Lanes(d) < 8) {
    std::uint64_t few = 0;
    for (std::size_t i = 0; i < block; ++i) few |= std::uint64_t{levels[i] >= threshold} << i;
    return few;
  }
  std::uint8_t stored[block / 8 + 8];
  for (std::size_t i = 0; i < block; i += hn::Lanes(d))
    hn::StoreMaskBits(d, hn::Gt(hn::LoadU(d, levels + i), below), stored + i / 8);
  std::uint64_t bits = 0;
  std::memcpy(&bits, stored, sizeof bits);
  return bits;
}

// Candidates in best[block][rank][lane].
template <class T>
struct Candidates {
  const T* best;
  const T* row;  // null: tiles of one row
  std::uint32_t k, rows;
  std::size_t stride() const { return std::size_t{k} * block; }
  std::uint32_t key(std::uint32_t b, std::uint32_t rank, std::uint32_t lane) const {
    return (b * block + lane) * rows + (row == nullptr ? 0 : row[b * stride() + rank * block + lane]);
  }
};

struct Threshold {
  std::uint32_t level;   // + 1; the highest that at least n reach, or 1 (all) if there are fewer than n
  std::size_t reaching;  // how many reach it
  std::size_t above;     // how many are above it: less than n
};

template <class T>
HWY_INLINE Threshold find_threshold(const T* levels, std::size_t count, std::uint32_t n, std::uint32_t highest) {
  std::uint32_t least = 1, beyond = highest + 1;
  std::size_t reaching = 0, above = 0;
  while (beyond - least > 1) {
    const std::uint32_t middle = (least + beyond) / 2;
    const std::size_t found = count_at_least(levels, count, static_cast<T>(middle));
    const bool enough = found >= n;  // no branch: it could not be foretold
    least = enough ? middle : least;
    beyond = enough ? beyond : middle;
    reaching = enough ? found : reaching;
    above = enough ? above : found;
  }
  if (least == 1) reaching = count_at_least(levels, count, T{1});
  return {least, reaching, above};
}

// Up to this many candidates are sorted by counting for each how many are better.
constexpr std::size_t most_compared = 64;
constexpr std::uint32_t most_packed_key = (1u << 24) - 1;

// Level and key in one number: the better, the larger.
HWY_INLINE std::uint32_t packed(std::uint32_t level, std::uint32_t key) {
  return (level << 24) | (most_packed_key - key);
}

// Every candidate that reaches the threshold, at most most_compared of them; then the best n.
template <class T>
void keep_few(const SearchCall& call, const Reach& reach, const Candidates<T>& all, const Threshold& threshold,
              Searcher::Scratch& s) {
  const hn::CappedTag<std::uint32_t, 16> d;
  HWY_ALIGN std::uint32_t found[most_compared + 16], place[most_compared + 16], sorted[most_compared];
  std::size_t count = 0;
  for (std::uint32_t b = reach.first_block; b < reach.last_block; ++b) {
    for (std::uint32_t rank = 0; rank < all.k; ++rank) {
      const T* of_rank = all.best + b * all.stride() + rank * block;
      for (std::uint64_t lanes = lanes_at_least(of_rank, static_cast<T>(threshold.level)); lanes != 0;
           lanes &= lanes - 1) {
        const auto lane = static_cast<std::uint32_t>(std::countr_zero(lanes));
        found[count++] = packed(of_rank[lane] - 1u, all.key(b, rank, lane));
      }
    }
  }
  for (std::size_t i = count; i < count + hn::Lanes(d); ++i) found[i] = 0;
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    const auto mine = hn::Load(d, found + i);
    auto better = hn::Zero(d), even = hn::Zero(d);
    std::size_t j = 0;
    for (; j + 1 < count; j += 2) {
      better = hn::Sub(better, hn::VecFromMask(d, hn::Gt(hn::Set(d, found[j]), mine)));
      even = hn::Sub(even, hn::VecFromMask(d, hn::Gt(hn::Set(d, found[j + 1]), mine)));
    }
    if (j < count) better = hn::Sub(better, hn::VecFromMask(d, hn::Gt(hn::Set(d, found[j]), mine)));
    hn::Store(hn::Add(better, even), d, place + i);
  }
  for (std::size_t i = 0; i < count; ++i) sorted[place[i]] = found[i];
  const std::size_t kept = std::min<std::size_t>(count, call.n);
  s.level.resize(kept);
  s.key.resize(kept);
  for (std::size_t i = 0; i < kept; ++i) {
    s.level[i] = sorted[i] >> 24;
    s.key[i] = most_packed_key - (sorted[i] & most_packed_key);
  }
}

// Any number: those above the threshold and, of those at it, the lowest keys; sorted by counting the levels.
template <class T>
void keep_many(const SearchCall& call, const Reach& reach, const Candidates<T>& all, const Threshold& threshold,
               Searcher::Scratch& s) {
  std::size_t ties = call.n - threshold.above;
  s.found_level.clear();
  s.found_key.clear();
  std::uint32_t highest = threshold.level;
  for (std::uint32_t b = reach.first_block; b < reach.last_block; ++b) {
    const T* of_block = all.best + b * all.stride();
    // Ranks fall, so what no first rank reaches none does.
    for (std::uint64_t lanes = lanes_at_least(of_block, static_cast<T>(threshold.level)); lanes != 0;
         lanes &= lanes - 1) {
      const auto lane = static_cast<std::uint32_t>(std::countr_zero(lanes));
      for (std::uint32_t rank = 0; rank < all.k; ++rank) {
        const std::uint32_t level = of_block[rank * block + lane];
        if (level < threshold.level || (level == threshold.level && ties == 0)) break;
        ties -= level == threshold.level ? 1 : 0;
        highest = std::max(highest, level);
        s.found_level.push_back(level);
        s.found_key.push_back(all.key(b, rank, lane));
      }
    }
  }
  s.level.resize(s.found_level.size());
  s.key.resize(s.found_level.size());
  s.places.assign(highest - threshold.level + 2, 0);  // of each level from the highest on
  for (const std::uint32_t level : s.found_level) ++s.places[highest - level + 1];
  for (std::size_t i = 1; i < s.places.size(); ++i) s.places[i] += s.places[i - 1];
  for (std::size_t i = 0; i < s.found_level.size(); ++i) {  // keys of a level are in order already
    const std::uint32_t place = s.places[highest - s.found_level[i]]++;
    s.level[place] = s.found_level[i] - 1;
    s.key[place] = s.found_key[i];
  }
}

template <class T>
void keep(const SearchCall& call, const Reach& reach, const Candidates<T>& all, Searcher::Scratch& s) {
  const std::size_t count = (reach.last_block - reach.first_block) * all.stride();
  const Threshold threshold =
      find_threshold(all.best + reach.first_block * all.stride(), count, call.n, call.largest_level + 1);
  if (sizeof(T) == 1 && threshold.reaching <= most_compared && call.keys.keys() <= most_packed_key) {
    keep_few(call, reach, all, threshold, s);
  } else {
    keep_many(call, reach, all, threshold, s);
  }
}

template <class T>
void search_as(const SearchCall& call, Searcher::Scratch& s) {
  s.level.clear();
  s.key.clear();
  if (call.valid.begin() >= call.valid.end()) return;
  const Reach reach = reach_of(call);
  const std::uint32_t rows = call.keys.tile_rows(), k = call.tile_k;
  s.levels.resize(std::size_t{call.keys.blocks()} * rows * block * sizeof(T));
  T* levels = as<T>(s.levels);
  find_levels(call, reach, spread(s), levels);
  const std::size_t stride = std::size_t{k} * block;
  if (rows == 1) return keep<T>(call, reach, {levels, nullptr, 1, 1}, s);
  s.best_row.resize(call.keys.blocks() * stride * sizeof(T));
  s.best.resize(call.keys.blocks() * stride * sizeof(T));
  for (std::uint32_t b = reach.first_block; b < reach.last_block; ++b) {
    best_of_block(levels + std::size_t{b} * rows * block, rows, k, as<T>(s.best) + b * stride,
                  as<T>(s.best_row) + b * stride);
  }
  keep<T>(call, reach, {as<T>(s.best), as<T>(s.best_row), k, rows}, s);
}

inline void search_narrow(const SearchCall& call, Searcher::Scratch& scratch) {
  search_as<std::uint8_t>(call, scratch);
}
inline void search_wide(const SearchCall& call, Searcher::Scratch& scratch) { search_as<std::uint16_t>(call, scratch); }

// `columns` vectors of an output at once, in registers.
template <std::size_t columns>
HWY_INLINE void add_columns(std::span<const float> weights, std::span<const std::uint32_t> keys,
                            const float* HWY_RESTRICT values, std::size_t value_dim, float* HWY_RESTRICT output) {
  const hn::ScalableTag<float> d;
  const std::size_t n = hn::Lanes(d);
  auto a = hn::Zero(d), b = a, c = a, e = a;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const auto weight = hn::Set(d, weights[i]);
    const float* row = values + std::size_t{keys[i]} * value_dim;
    a = hn::Add(a, hn::Mul(weight, hn::LoadU(d, row)));
    if constexpr (columns > 1) b = hn::Add(b, hn::Mul(weight, hn::LoadU(d, row + n)));
    if constexpr (columns > 2) c = hn::Add(c, hn::Mul(weight, hn::LoadU(d, row + 2 * n)));
    if constexpr (columns > 3) e = hn::Add(e, hn::Mul(weight, hn::LoadU(d, row + 3 * n)));
  }
  hn::StoreU(a, d, output);
  if constexpr (columns > 1) hn::StoreU(b, d, output + n);
  if constexpr (columns > 2) hn::StoreU(c, d, output + 2 * n);
  if constexpr (columns > 3) hn::StoreU(e, d, output + 3 * n);
}

inline void add_values(std::span<const float> weights, std::span<const std::uint32_t> keys, const float* values,
                       std::span<float> output) {
  const std::size_t n = hn::Lanes(hn::ScalableTag<float>()), value_dim = output.size();
  std::size_t column = 0;
  for (; column + 4 * n <= value_dim; column += 4 * n)
    add_columns<4>(weights, keys, values + column, value_dim, output.data() + column);
  for (; column + n <= value_dim; column += n)
    add_columns<1>(weights, keys, values + column, value_dim, output.data() + column);
  if (column == value_dim) return;
  std::fill(output.begin() + static_cast<std::ptrdiff_t>(column), output.end(), 0.0f);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const float* row = values + std::size_t{keys[i]} * value_dim;
    for (std::size_t at = column; at < value_dim; ++at) output[at] += weights[i] * row[at];
  }
}

inline const char* name_of_target() { return hwy::TargetName(HWY_TARGET); }

}  // namespace capcam::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
