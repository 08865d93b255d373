// The first step of a search computes every valid key's score.
// SPDX-License-Identifier: Apache-2.0
#if defined(CAPCAM_KERNELS_SIMD_LEVELS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CAPCAM_KERNELS_SIMD_LEVELS_INL_H
#undef CAPCAM_KERNELS_SIMD_LEVELS_INL_H
#else
#define CAPCAM_KERNELS_SIMD_LEVELS_INL_H
#endif

#include <algorithm>

#include "kernels/simd/reach-inl.h"

HWY_BEFORE_NAMESPACE();
namespace capcam::simd::HWY_NAMESPACE {

// Counts the bits that differ between a query's bytes and the keys', in lanes [0, N) of `planes` planes of 64 bytes. A
// lane may have at most 255.
template <class D8>
HWY_INLINE hn::Vec<D8> differences(D8 d, const std::uint8_t* HWY_RESTRICT query, const std::uint8_t* HWY_RESTRICT keys,
                                   std::uint32_t planes) {
  auto sum = hn::Zero(d);
  for (std::size_t at = 0; at < std::size_t{planes} * block; at += block) {
    sum = hn::Add(sum, hn::PopulationCount(hn::Xor(hn::LoadU(d, query + at), hn::LoadU(d, keys + at))));
  }
  return sum;
}

// Returns min(((m << left) + add) >> right, top) (SegmentRule). Lanes must be wide enough.
template <class V>
HWY_INLINE V computed_level(V matches, V zero, V top, const SegmentRule& rule) {
  for (std::uint32_t i = 0; i < rule.left; ++i) matches = hn::Add(matches, matches);
  if (rule.right != 0) {
    for (std::uint32_t i = 1; i < rule.right; ++i) matches = hn::ShiftRight<1>(matches);
    matches = hn::AverageRound(matches, zero);  // (m + 1) >> 1
  }
  return hn::Min(matches, top);
}

// Computes level + 1 for one row of a block: 1 plus the levels of all segments.
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
        // Lanes without a key, whose bits are 0, hold a count too.
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

// Serves the usual machine, with one segment and level = min(matches, top), for all rows of a block. `Planes` is the
// number of planes; 0 allows any.
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

// Computes level + 1 for all rows of a block.
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

// Writes every byte of a query 64 times, as the planes hold bytes of 64 keys.
inline const std::uint8_t* spread(Searcher::Scratch& s) {
  s.spread.resize(s.query.size() * block);
  std::uint8_t* to = s.spread.data();
  for (const std::uint8_t byte : s.query) to = std::fill_n(to, block, byte);
  return s.spread.data();
}

// Computes level + 1 for every place of the blocks in reach.
template <class T>
void find_levels(const SearchCall& call, const Reach& reach, const std::uint8_t* query, T* levels) {
  for (std::uint32_t b = reach.first_block; b < reach.last_block; ++b)
    block_levels(call, query, b, levels + std::size_t{b} * call.keys.tile_rows() * block);
}

// Writes 0 in every place of the blocks in reach that has no valid key.
template <class T>
void clear_invalid(const SearchCall& call, const Reach& reach, T* levels) {
  const KeyPlanes& keys = call.keys;
  const std::uint32_t rows = keys.tile_rows();
  const auto clear = [&](std::uint32_t b, std::uint32_t first, std::uint32_t last) {
    for (std::uint32_t row = 0; first < last && row < rows; ++row) {
      T* of_row = levels + (std::size_t{b} * rows + row) * block;
      std::fill(of_row + first, of_row + last, T{0});
    }
  };
  clear(reach.first_block, 0, reach.first_tile - reach.first_block * block);
  clear(reach.last_block - 1, reach.last_tile - (reach.last_block - 1) * block, block);
  if (keys.placement().consecutive()) {
    for (std::uint32_t key = reach.first_tile * rows; key < call.valid.begin(); ++key) levels[keys.place(key)] = 0;
    for (std::uint32_t key = call.valid.end(); key < reach.last_tile * rows; ++key) levels[keys.place(key)] = 0;
  } else {
    for (std::uint32_t tile = reach.first_tile; tile < reach.last_tile; ++tile) {
      const TileKeys of_tile = keys.placement().tile(tile);
      const std::uint32_t first = of_tile.rows_below(call.valid.begin()), last = of_tile.rows_below(call.valid.end());
      for (std::uint32_t row = 0; row < first; ++row) levels[keys.place({tile, row})] = 0;
      for (std::uint32_t row = last; row < rows; ++row) levels[keys.place({tile, row})] = 0;
    }
  }
  call.valid.for_each_masked([&](std::uint32_t key) { levels[keys.place(key)] = 0; });
}

}  // namespace capcam::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
