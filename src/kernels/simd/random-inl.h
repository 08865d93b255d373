// First step of a search whose codes are random: every valid key's score. The arithmetic of SegmentReadout::code and
// RandomReadout::normal, lane by lane.
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

// NormalTable::operator() of every lane.
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

// 64-bit products of the low halves.
template <class D, class V>
HWY_INLINE V low_products(D d, V a, V b) {
#if HWY_TARGET == HWY_SCALAR
  return hn::Mul(hn::And(a, hn::Set(d, 0xffffffffu)), b);
#else
  const hn::Repartition<std::uint32_t, D> halves;
  return hn::MulEven(hn::BitCast(halves, a), hn::BitCast(halves, b));
#endif
}

// The normals of four consecutive queries (one Philox draw a key) for all places of the blocks in reach:
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
      for (std::uint32_t row = 0; row < keys.tile_rows(); ++row) {
        HWY_ALIGN std::uint32_t words[4][block];
        for (std::size_t lane = 0; lane < block; lane += hn::Lanes(d64)) {
          // Low halves count; what the high halves hold is never read.
          auto c0 = hn::Add(hn::Mul(hn::Iota(d64, std::uint64_t{b} * block + lane), hn::Set(d64, keys.tile_rows())),
                            hn::Set(d64, row));
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
          for (std::size_t lane = 0; lane < block; lane += hn::Lanes(d)) {
            const auto bits = hn::BitCast(d, hn::Load(hn::CappedTag<std::uint32_t, 16>(), words[query] + lane));
            hn::StoreU(normals_of(table, bits), Real(), s.normals.data() + query * of_query + at + lane);
          }
        }
      }
    }
  }
}

// Matching bits of a row of a block, lane by lane.
HWY_INLINE void count_lanes(const std::uint8_t* query, const std::uint8_t* keys, std::uint32_t planes,
                            std::uint32_t used, std::int32_t* HWY_RESTRICT matches) {
  const Wide d;
  const hn::Rebind<std::uint8_t, Wide> narrow;
  for (std::size_t lane = 0; lane < block; lane += hn::Lanes(d)) {
    auto left = hn::Set(d, static_cast<std::int32_t>(used));
    for (std::uint32_t p = 0; p < planes; p += 31) {
      const std::uint32_t some = std::min(planes - p, 31u);
      const auto different =
          differences(narrow, query + std::size_t{p} * block, keys + std::size_t{p} * block + lane, some);
      left = hn::Sub(left, hn::PromoteTo(d, different));
    }
    hn::StoreU(left, d, matches + lane);
  }
}

// base + the sum of the query's ones' signed cells, lane by lane; 256 cells of at most 127 fit 16 bits.
HWY_INLINE void sum_lanes(const std::uint32_t* ones, std::size_t count, const std::int8_t* HWY_RESTRICT signed_cells,
                          const std::int32_t* HWY_RESTRICT base, std::int32_t* HWY_RESTRICT sums) {
  const hn::CappedTag<std::int16_t, 32> d;
  const hn::Rebind<std::int8_t, decltype(d)> narrow;
  const Wide wide;
  const hn::Rebind<std::int16_t, Wide> half;
  for (std::size_t lane = 0; lane < block; ++lane) sums[lane] = base[lane];
  for (std::size_t first = 0; first < count; first += 256) {
    const std::size_t last = std::min<std::size_t>(count, first + 256);
    HWY_ALIGN std::int16_t some[block];
    for (std::size_t lane = 0; lane < block; lane += 2 * hn::Lanes(d)) {
      auto a = hn::Zero(d), b = hn::Zero(d);
      const bool two = lane + hn::Lanes(d) < block;
      const std::int8_t* low = signed_cells + lane;
      const std::int8_t* high = signed_cells + (two ? lane + hn::Lanes(d) : lane);
      for (std::size_t i = first; i < last; ++i) {
        a = hn::Add(a, hn::PromoteTo(d, hn::LoadU(narrow, low + std::size_t{ones[i]} * block)));
        b = hn::Add(b, hn::PromoteTo(d, hn::LoadU(narrow, high + std::size_t{ones[i]} * block)));
      }
      hn::StoreU(a, d, some + lane);
      if (two) hn::StoreU(b, d, some + lane + hn::Lanes(d));
    }
    for (std::size_t lane = 0; lane < block; lane += hn::Lanes(wide)) {
      const auto more = hn::PromoteTo(wide, hn::LoadU(half, some + lane));
      hn::StoreU(hn::Add(hn::LoadU(wide, sums + lane), more), wide, sums + lane);
    }
  }
}

// SegmentReadout::code, lane by lane, times a level a code, added to `levels`. `sums`, `normals`: null if there are
// none.
HWY_INLINE void add_codes(const RandomPlanes& random, std::size_t row, std::uint32_t segment,
                          std::int32_t level_per_code, const std::int32_t* matches, const std::int32_t* sums,
                          const float* normals, std::int32_t* HWY_RESTRICT levels) {
  const Wide d;
  const Real real;
  const SegmentReadout& s = random.readout().segment(segment);
  const auto unit = hn::Set(real, s.unit), ceiling = hn::Set(real, s.ceiling), gain = hn::Set(real, s.gain),
             scale = hn::Set(real, s.levels), bow = hn::Set(real, s.bow), noise = hn::Set(real, s.noise),
             last = hn::Set(real, s.last_code), zero = hn::Zero(real), one = hn::Set(real, 1.0f),
             half = hn::Set(real, 0.5f);
  const float *row_scale = random.scale(row, segment), *row_base = random.row_base(row, segment),
              *row_offset = random.offset(row, segment);
  const bool thresholds = random.readout().thresholds_differ();
  const std::int32_t* first_threshold = thresholds ? random.first_threshold(row, segment) : nullptr;
  const auto per_code = hn::Set(d, level_per_code);
  for (std::size_t lane = 0; lane < block; lane += hn::Lanes(d)) {
    auto charged = hn::ConvertTo(real, hn::LoadU(d, matches + lane));
    const auto excess = sums == nullptr ? zero : hn::ConvertTo(real, hn::LoadU(d, sums + lane));
    charged = hn::Add(charged, hn::Mul(unit, excess));
    const auto shared = hn::Add(hn::Mul(charged, hn::LoadU(real, row_scale + lane)), hn::LoadU(real, row_base + lane));
    const auto x = hn::Mul(hn::Min(hn::Max(shared, zero), ceiling), gain);
    auto y = hn::Add(hn::Mul(x, scale), hn::LoadU(real, row_offset + lane));
    y = hn::Add(y, hn::Mul(bow, hn::Mul(x, hn::Sub(one, x))));
    y = hn::Add(y, hn::Mul(noise, normals == nullptr ? zero : hn::LoadU(real, normals + lane)));
    auto code = hn::ConvertTo(d, hn::Min(hn::Max(y, zero), last));
    if (thresholds) {
      code = hn::ConvertTo(d, hn::Min(hn::Max(hn::Add(y, half), zero), hn::Add(last, one)));
      const auto moved =
          hn::GatherIndex(real, random.thresholds(), hn::Add(code, hn::LoadU(d, first_threshold + lane)));
      const auto missed = hn::Lt(y, hn::Add(hn::ConvertTo(real, code), moved));
      code = hn::Add(code, hn::VecFromMask(d, hn::RebindMask(d, missed)));  // - 1 where it is
    }
    hn::StoreU(hn::Add(hn::LoadU(d, levels + lane), hn::Mul(code, per_code)), d, levels + lane);
  }
}

// Level + 1 of every key of the blocks in reach, valid or not.
template <class T>
void random_levels(const SearchCall& call, const Reach& reach, const std::uint8_t* query, Searcher::Scratch& s,
                   T* levels) {
  const RandomPlanes& random = *call.random;
  const RandomReadout& readout = random.readout();
  const KeyPlanes& keys = call.keys;
  const std::size_t places = std::size_t{keys.blocks()} * keys.tile_rows() * block;
  if (readout.has_noise() && (s.normals_of != call.identity || s.normals_four != call.query / 4 ||
                              s.normals_first > reach.first_block || s.normals_last < reach.last_block)) {
    draw_normals(call, reach, call.query / 4, s);
    s.normals_of = call.identity;
    s.normals_four = call.query / 4;
    s.normals_first = reach.first_block;
    s.normals_last = reach.last_block;
  }
  const Wide d;
  const hn::Rebind<T, Wide> narrow;
  for (std::size_t row = std::size_t{reach.first_block} * keys.tile_rows();
       row < std::size_t{reach.last_block} * keys.tile_rows(); ++row) {
    HWY_ALIGN std::int32_t matches[block], sums[block], sum_of_levels[block];
    std::fill_n(sum_of_levels, block, 1);
    const std::uint8_t* wanted = query;
    const std::uint8_t* stored = keys.row(row);
    std::size_t first_one = 0;
    for (std::uint32_t segment = 0; segment < call.rules.size(); ++segment) {
      const SegmentRule& rule = call.rules[segment];
      count_lanes(wanted, stored, rule.planes, rule.used, matches);
      if (readout.cells_differ()) {
        sum_lanes(s.ones.data() + first_one, s.ones_end[segment] - first_one, random.signed_cells(row, segment),
                  random.base(row, segment), sums);
        first_one = s.ones_end[segment];
      }
      const float* normals =
          !readout.has_noise()
              ? nullptr
              : s.normals.data() + (std::size_t{call.query % 4} * call.rules.size() + segment) * places + row * block;
      add_codes(random, row, segment, static_cast<std::int32_t>(rule.level_per_code), matches,
                readout.cells_differ() ? sums : nullptr, normals, sum_of_levels);
      wanted += std::size_t{rule.planes} * block;
      stored += std::size_t{rule.planes} * block;
    }
    for (std::size_t lane = 0; lane < block; lane += hn::Lanes(d))
      hn::StoreU(hn::DemoteTo(narrow, hn::Load(d, sum_of_levels + lane)), narrow, levels + row * block + lane);
  }
}

}  // namespace capcam::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
