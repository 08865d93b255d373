// The first step of a search whose codes are random computes every valid key's score, with the arithmetic of
// SegmentReadout::code and RandomReadout::normal, lane by lane.
// SPDX-License-Identifier: Apache-2.0
#if defined(CAPCAM_KERNELS_SIMD_RANDOM_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CAPCAM_KERNELS_SIMD_RANDOM_INL_H
#undef CAPCAM_KERNELS_SIMD_RANDOM_INL_H
#else
#define CAPCAM_KERNELS_SIMD_RANDOM_INL_H
#endif

#include "core/philox.h"
#include "kernels/simd/levels-inl.h"
#include "kernels/standard_normal.h"

HWY_BEFORE_NAMESPACE();
namespace capcam::simd::HWY_NAMESPACE {

using Wide = hn::CappedTag<std::int32_t, 16>;
using Real = hn::CappedTag<float, 16>;

// Does NormalTable::operator() in every lane.
template <class V>
HWY_INLINE hn::Vec<Real> normals_of(const NormalTable& table, V bits) {
  const Wide d;
  const Real real;
  const auto v = hn::Add(hn::ConvertTo(real, hn::And(bits, hn::Set(d, 0x7fffffff))), hn::Set(real, 0.5f));
  const auto piece =
      hn::Sub(hn::ShiftRight<NormalTable::piece_shift>(hn::BitCast(d, v)), hn::Set(d, NormalTable::first_piece));
  const auto magnitude = hn::Add(hn::GatherIndex(real, table.offset.data(), piece),
                                 hn::Mul(hn::GatherIndex(real, table.slope.data(), piece), v));
  const auto sign = hn::And(bits, hn::Set(d, static_cast<std::int32_t>(0x80000000u)));
  return hn::BitCast(real, hn::Xor(hn::BitCast(d, magnitude), sign));
}

// Returns 64-bit products of the low halves.
template <class D, class V>
HWY_INLINE V low_products([[maybe_unused]] D d, V a, V b) {
#if HWY_TARGET == HWY_SCALAR
  return hn::Mul(hn::And(a, hn::Set(d, 0xffffffffu)), b);
#else
  const hn::Repartition<std::uint32_t, D> halves;
  return hn::MulEven(hn::BitCast(halves, a), hn::BitCast(halves, b));
#endif
}

// Returns the lanes of a block that may hold a tile in reach, rounded up to whole vectors.
inline std::size_t lanes_in_reach(const Reach& reach, std::uint32_t b) {
  constexpr std::uint32_t most_lanes = 16;  // the most lanes of a vector
  const std::uint32_t tiles = std::min(reach.last_tile - b * block, block);
  return (tiles + most_lanes - 1) / most_lanes * most_lanes;
}

// The keys of a row of a block; 0 where a lane has no tile.
struct LaneKeys {
  HWY_ALIGN std::uint64_t key[block] = {};
  HWY_ALIGN std::uint64_t step[block] = {};  // to the next row's

  LaneKeys(const KeyPlanes& keys, std::uint32_t b) {
    for (std::uint32_t lane = 0; lane < std::min(block, keys.tiles() - b * block); ++lane) {
      const TileKeys of_tile = keys.placement().tile(b * block + lane);
      key[lane] = of_tile.first;
      step[lane] = of_tile.step;
    }
  }
  void next_row() {
    for (std::uint32_t lane = 0; lane < block; ++lane) key[lane] += step[lane];
  }
};

// Draws the normals of four consecutive queries (one Philox draw per key) for all places of the blocks in reach:
// s.normals[query % 4][segment][place].
inline void draw_normals(const SearchCall& call, const Reach& reach, std::uint32_t four, Searcher::Scratch& s) {
  const RandomPlanes& random = *call.random;
  const KeyPlanes& keys = call.keys;
  const std::size_t places = std::size_t{keys.blocks()} * keys.tile_rows() * block;
  const std::size_t of_query = places * call.rules.size();
  s.normals.resize(4 * of_query);
  const NormalTable& table = NormalTable::get();
  const PhiloxKey key = philox_key(random.readout().seed(), RandomStream::noise);
  const hn::CappedTag<std::uint64_t, 8> d64;
  const hn::Rebind<std::uint32_t, decltype(d64)> half;
  const auto multiplier_0 = hn::Set(d64, philox_multiplier_0), multiplier_1 = hn::Set(d64, philox_multiplier_1);
  for (std::uint32_t segment = 0; segment < call.rules.size(); ++segment) {
    for (std::uint32_t b = reach.first_block; b < reach.last_block; ++b) {
      const std::size_t lanes = lanes_in_reach(reach, b);
      LaneKeys key_of(keys, b);
      for (std::uint32_t row = 0; row < keys.tile_rows(); ++row, key_of.next_row()) {
        HWY_ALIGN std::uint32_t words[4][block];
        for (std::size_t lane = 0; lane < lanes; lane += hn::Lanes(d64)) {
          // Only low halves matter; high halves are never read.
          auto c0 = hn::Load(d64, key_of.key + lane);
          auto c1 = hn::Set(d64, four), c2 = hn::Set(d64, random.head_number()), c3 = hn::Set(d64, segment);
          PhiloxKey k = key;
          for (int round = 0; round < 10; ++round) {
            const auto product_0 = low_products(d64, c0, multiplier_0);
            const auto product_1 = low_products(d64, c2, multiplier_1);
            c0 = hn::Xor(hn::Xor(hn::ShiftRight<32>(product_1), c1), hn::Set(d64, k[0]));
            c1 = product_1;
            c2 = hn::Xor(hn::Xor(hn::ShiftRight<32>(product_0), c3), hn::Set(d64, k[1]));
            c3 = product_0;
            k = {k[0] + philox_weyl_0, k[1] + philox_weyl_1};
          }
          hn::StoreU(hn::TruncateTo(half, c0), half, words[0] + lane);
          hn::StoreU(hn::TruncateTo(half, c1), half, words[1] + lane);
          hn::StoreU(hn::TruncateTo(half, c2), half, words[2] + lane);
          hn::StoreU(hn::TruncateTo(half, c3), half, words[3] + lane);
        }
        const std::size_t at = segment * places + (std::size_t{b} * keys.tile_rows() + row) * block;
        const Wide d;
        for (std::size_t query = 0; query < 4; ++query) {
          for (std::size_t lane = 0; lane < lanes; lane += hn::Lanes(d)) {
            const auto bits = hn::BitCast(d, hn::Load(hn::CappedTag<std::uint32_t, 16>(), words[query] + lane));
            hn::StoreU(normals_of(table, bits), Real(), s.normals.data() + query * of_query + at + lane);
          }
        }
      }
    }
  }
}

// One segment of a row of a block.
struct RowOfBlock {
  const std::uint8_t* query;  // the query as spread() writes it, from the segment's first byte on
  const std::uint8_t* keys;
  const RandomPlanes& random;
  std::size_t row;  // a stored_row() of RandomPlanes
  std::uint32_t segment, used;
  std::size_t lanes;  // lanes that are in reach
};
constexpr std::uint32_t most_bytes = 31;  // 248 columns, whose count fits 8 bits

enum class Cells { alike, tabulated, spread };

template <class V>
HWY_INLINE V zero_if_negative(V sign, V v) {
#if HWY_TARGET == HWY_SSSE3 || \
    HWY_TARGET == HWY_SSE2  // where Highway's IfNegativeThenElse wants all bits alike (1.0.3)
  return hn::IfThenZeroElse(hn::Lt(sign, hn::Zero(hn::DFromV<V>())), v);
#else
  return hn::IfNegativeThenElse(sign, hn::Zero(hn::DFromV<V>()), v);
#endif
}

// Counts matching bits and sums what the cells add to their least sum (RandomPlanes), over a segment's bytes [first,
// last), at most most_bytes.
template <Cells cells>
HWY_INLINE void match_bytes(const RowOfBlock& of, std::uint32_t first, std::uint32_t last,
                            std::uint8_t* HWY_RESTRICT matches, std::uint16_t* HWY_RESTRICT sums) {
  constexpr std::size_t entries = RandomPlanes::entries;
  const std::uint8_t* HWY_RESTRICT query = of.query;
  const std::uint8_t* HWY_RESTRICT keys = of.keys;
  const std::uint8_t* half_bytes = cells == Cells::tabulated ? of.random.half_bytes(of.row, of.segment) : nullptr;
  const std::uint8_t* sizes = cells == Cells::spread ? of.random.cells(of.row, of.segment) : nullptr;
  const std::uint8_t* negative = cells == Cells::spread ? of.random.negative(of.row, of.segment) : nullptr;
  const std::uint32_t columns = std::min(of.used, last * 8) - first * 8;
#if HWY_TARGET == HWY_SCALAR  // this target has no table look-ups
  for (std::size_t lane = 0; lane < of.lanes; ++lane) {
    std::uint32_t all_different = 0, sum = 0;
    for (std::uint32_t p = first; p < last; ++p) {
      const std::size_t at = std::size_t{p} * block + lane;
      const auto different = static_cast<std::uint32_t>(query[at] ^ keys[at]);
      all_different += static_cast<std::uint32_t>(hwy::PopCount(different));
      if constexpr (cells == Cells::tabulated)
        sum += half_bytes[2 * p * entries + (different & 15)] + half_bytes[(2 * p + 1) * entries + (different >> 4)];
      if constexpr (cells == Cells::spread) {
        for (std::uint32_t bit = 0; bit < 8; ++bit)
          sum += ((different ^ negative[at]) >> bit & 1) != 0 ? 0 : sizes[(std::size_t{p} * 8 + bit) * block + lane];
      }
    }
    matches[lane] = static_cast<std::uint8_t>(columns - all_different);
    if constexpr (cells != Cells::alike) sums[lane] = static_cast<std::uint16_t>(sum);
  }
#else
  const Lanes<std::uint8_t> d;
  const hn::RebindToSigned<decltype(d)> top_bit;
  const hn::Repartition<std::uint16_t, decltype(d)> two;  // an even lane is the low half, the odd one the high half
  for (std::size_t lane = 0; lane < of.lanes; lane += hn::Lanes(d)) {
    auto different = hn::Zero(d);
    auto both = hn::Zero(two), odd = hn::Zero(two);
    for (std::uint32_t p = first; p < last; ++p) {
      const std::size_t at = std::size_t{p} * block + lane;
      const auto bits = hn::Xor(hn::LoadU(d, query + at), hn::LoadU(d, keys + at));
      different = hn::Add(different, hn::PopulationCount(bits));
      if constexpr (cells == Cells::alike) continue;
      auto of_byte = hn::Zero(d);
      if constexpr (cells == Cells::tabulated) {
        const std::uint8_t* tables = half_bytes + 2 * p * entries;
        of_byte = hn::Add(hn::TableLookupBytes(hn::LoadDup128(d, tables), hn::And(bits, hn::Set(d, 15))),
                          hn::TableLookupBytes(hn::LoadDup128(d, tables + entries), hn::ShiftRight<4>(bits)));
      }
      if constexpr (cells == Cells::spread) {
        auto adds_nothing = hn::Xor(bits, hn::LoadU(d, negative + at));  // the bit in question is on top
        for (std::size_t bit = 8; bit-- > 0; adds_nothing = hn::Add(adds_nothing, adds_nothing)) {
          const auto size = hn::BitCast(top_bit, hn::LoadU(d, sizes + (std::size_t{p} * 8 + bit) * block + lane));
          const auto adds = zero_if_negative(hn::BitCast(top_bit, adds_nothing), size);
          of_byte = hn::Add(of_byte, hn::BitCast(d, adds));
        }
      }
      both = hn::Add(both, hn::BitCast(two, of_byte));
      odd = hn::Add(odd, hn::ShiftRight<8>(hn::BitCast(two, of_byte)));
    }
    hn::StoreU(hn::Sub(hn::Set(d, static_cast<std::uint8_t>(columns)), different), d, matches + lane);
    if constexpr (cells != Cells::alike)
      hn::StoreInterleaved2(hn::Sub(both, hn::ShiftLeft<8>(odd)), odd, two, sums + lane);
  }
#endif
}

// Does the same over any number of bytes.
template <Cells cells>
HWY_INLINE void match_many(const RowOfBlock& of, std::uint32_t bytes, std::int32_t* HWY_RESTRICT matches,
                           std::int32_t* HWY_RESTRICT sums) {
  HWY_ALIGN std::uint8_t some_matches[block];
  HWY_ALIGN std::uint16_t some_sums[block] = {};
  std::fill_n(matches, block, 0);
  std::fill_n(sums, block, 0);
  for (std::uint32_t first = 0; first < bytes; first += most_bytes) {
    match_bytes<cells>(of, first, std::min(bytes, first + most_bytes), some_matches, some_sums);
    for (std::size_t lane = 0; lane < of.lanes; ++lane) {
      matches[lane] += some_matches[lane];
      sums[lane] += some_sums[lane];
    }
  }
}

// Loads whole numbers as 32 bits.
HWY_INLINE hn::Vec<Wide> load_wide(const std::int32_t* from) { return hn::LoadU(Wide(), from); }
template <class T>
HWY_INLINE hn::Vec<Wide> load_wide(const T* from) {
  return hn::PromoteTo(Wide(), hn::LoadU(hn::Rebind<T, Wide>(), from));
}

// Adds SegmentReadout::code times level_per_code to `levels`, lane by lane. `sums` are above least(); they and
// `normals` are null if there are none. Zeros are not added, because no code depends on the sign of a zero.
template <class Matches, class Sums>
HWY_INLINE void add_codes(const RowOfBlock& of, std::int32_t level_per_code, const Matches* HWY_RESTRICT matches,
                          const Sums* HWY_RESTRICT sums, const float* HWY_RESTRICT normals,
                          std::int32_t* HWY_RESTRICT levels) {
  const Wide d;
  const Real real;
  const RandomPlanes& random = of.random;
  const std::size_t row = of.row;
  const std::uint32_t segment = of.segment;
  const SegmentReadout& s = random.readout().segment(segment);
  const auto unit = hn::Set(real, s.unit), floor = hn::Set(real, s.floor), ceiling = hn::Set(real, s.ceiling),
             scale = hn::Set(real, s.levels), noise = hn::Set(real, s.noise), last = hn::Set(real, s.last_code),
             zero = hn::Zero(real), one = hn::Set(real, 1.0f), half = hn::Set(real, 0.5f);
  const float *row_scale = random.scale(row, segment), *row_base = random.row_base(row, segment),
              *row_gain = random.gain(row, segment), *row_offset = random.offset(row, segment),
              *row_bow = random.bow(row, segment);
  const std::int32_t* least = random.least(row, segment);
  const bool bowed = random.readout().rows_bow(), thresholds = random.readout().thresholds_differ();
  const std::int32_t* first_threshold = thresholds ? random.first_threshold(row, segment) : nullptr;
  const auto per_code = hn::Set(d, level_per_code);
  const auto per_mismatch = hn::Set(real, s.noise_square_per_mismatch),
             used = hn::Set(real, static_cast<float>(s.used));
  for (std::size_t lane = 0; lane < of.lanes; lane += hn::Lanes(d)) {
    const auto matched = hn::ConvertTo(real, load_wide(matches + lane));
    auto charged = matched;
    if (sums != nullptr) {
      const auto excess = hn::Add(load_wide(sums + lane), hn::LoadU(d, least + lane));
      charged = hn::Add(charged, hn::Mul(unit, hn::ConvertTo(real, excess)));
    }
    const auto shared = hn::Add(hn::Mul(charged, hn::LoadU(real, row_scale + lane)), hn::LoadU(real, row_base + lane));
    const auto x = hn::Mul(hn::Min(hn::Max(shared, floor), ceiling), hn::LoadU(real, row_gain + lane));
    auto y = hn::Add(hn::Mul(x, scale), hn::LoadU(real, row_offset + lane));
    if (bowed) y = hn::Add(y, hn::Mul(hn::LoadU(real, row_bow + lane), hn::Mul(x, hn::Sub(one, x))));
    if (normals != nullptr) {
      auto deviation = noise;
      if (s.noise_square_per_mismatch != 0.0f)
        deviation = hn::Sqrt(hn::Add(hn::Mul(noise, noise), hn::Mul(per_mismatch, hn::Sub(used, matched))));
      y = hn::Add(y, hn::Mul(deviation, hn::LoadU(real, normals + lane)));
    }
    auto code = hn::Zero(d);
    if (thresholds) {
      code = hn::ConvertTo(d, hn::Min(hn::Max(hn::Add(y, half), zero), hn::Add(last, one)));
      const auto moved =
          hn::GatherIndex(real, random.thresholds(), hn::Add(code, hn::LoadU(d, first_threshold + lane)));
      const auto missed = hn::Lt(y, hn::Add(hn::ConvertTo(real, code), moved));
      code = hn::Add(code, hn::VecFromMask(d, hn::RebindMask(d, missed)));  // - 1 where it was missed
    } else {
      code = hn::ConvertTo(d, hn::Min(hn::Max(y, zero), last));
    }
    hn::StoreU(hn::Add(hn::LoadU(d, levels + lane), hn::Mul(code, per_code)), d, levels + lane);
  }
}

// Makes sure that s.normals holds the query's normals for the blocks in reach.
inline void find_normals(const SearchCall& call, const Reach& reach, Searcher::Scratch& s) {
  const std::uint32_t four = call.query / 4;
  if (s.normals_of == call.identity && s.normals_four == four && s.normals_first <= reach.first_block &&
      s.normals_last >= reach.last_tile)
    return;
  draw_normals(call, reach, four, s);
  s.normals_of = call.identity;
  s.normals_four = four;
  s.normals_first = reach.first_block;
  s.normals_last = reach.last_tile;
}

template <Cells cells>
HWY_INLINE void add_segment(const RowOfBlock& of, const SegmentRule& rule, const float* normals,
                            std::int32_t* HWY_RESTRICT levels) {
  const auto per_code = static_cast<std::int32_t>(rule.level_per_code);
  if (rule.planes <= most_bytes) {
    HWY_ALIGN std::uint8_t matches[block];
    HWY_ALIGN std::uint16_t sums[block];
    match_bytes<cells>(of, 0, rule.planes, matches, sums);
    add_codes(of, per_code, matches, cells == Cells::alike ? nullptr : sums, normals, levels);
  } else {
    HWY_ALIGN std::int32_t matches[block], sums[block];
    match_many<cells>(of, rule.planes, matches, sums);
    add_codes(of, per_code, matches, cells == Cells::alike ? nullptr : sums, normals, levels);
  }
}

// Computes level + 1 for every key in reach, valid or not.
template <Cells cells, class T>
void random_levels(const SearchCall& call, const Reach& reach, const std::uint8_t* query, Searcher::Scratch& s,
                   T* levels) {
  const RandomPlanes& random = *call.random;
  const KeyPlanes& keys = call.keys;
  const std::size_t segments = call.rules.size(), rows = keys.tile_rows();
  const std::size_t places = std::size_t{keys.blocks()} * rows * block;
  const float* normals = nullptr;
  if (random.readout().has_noise()) {
    find_normals(call, reach, s);
    normals = s.normals.data() + call.query % 4 * segments * places;
  }
  const Wide d;
  const hn::Rebind<T, Wide> narrow;
  for (std::size_t row = reach.first_block * rows; row < reach.last_block * rows; ++row) {
    HWY_ALIGN std::int32_t sum_of_levels[block];
    std::fill_n(sum_of_levels, block, 1);
    RowOfBlock of{query,
                  keys.row(row),
                  random,
                  random.stored_row(row),
                  0,
                  0,
                  lanes_in_reach(reach, static_cast<std::uint32_t>(row / rows))};
    for (; of.segment < segments; ++of.segment) {
      const SegmentRule& rule = call.rules[of.segment];
      of.used = rule.used;
      add_segment<cells>(of, rule, normals == nullptr ? nullptr : normals + of.segment * places + row * block,
                         sum_of_levels);
      of.query += std::size_t{rule.planes} * block;
      of.keys += std::size_t{rule.planes} * block;
    }
    for (std::size_t lane = 0; lane < of.lanes; lane += hn::Lanes(d))
      hn::StoreU(hn::DemoteTo(narrow, hn::Load(d, sum_of_levels + lane)), narrow, levels + row * block + lane);
  }
}

template <class T>
void random_levels(const SearchCall& call, const Reach& reach, const std::uint8_t* query, Searcher::Scratch& s,
                   T* levels) {
  if (call.random->tabulated()) return random_levels<Cells::tabulated>(call, reach, query, s, levels);
  if (call.random->readout().cells_differ()) return random_levels<Cells::spread>(call, reach, query, s, levels);
  random_levels<Cells::alike>(call, reach, query, s, levels);
}

}  // namespace capcam::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
