// SPDX-License-Identifier: Apache-2.0
#include "kernels/simd/search.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_WANT_AVX3_DL 1
#define HWY_TARGET_INCLUDE "kernels/simd/search.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
//
#include "kernels/simd/best-inl.h"
#include "kernels/simd/levels-inl.h"
#include "kernels/simd/random-inl.h"
#include "kernels/simd/reach-inl.h"

HWY_BEFORE_NAMESPACE();
namespace capcam::simd::HWY_NAMESPACE {

template <class T>
void search_as(const SearchCall& call, Searcher::Scratch& s) {
  s.level.clear();
  s.key.clear();
  if (call.valid.begin() >= call.valid.end()) return;
  const Reach reach = reach_of(call);
  const std::uint32_t rows = call.keys.tile_rows(), k = call.tile_k;
  s.levels.resize(std::size_t{call.keys.blocks()} * rows * block * sizeof(T));
  T* levels = as<T>(s.levels);
  if (call.random == nullptr) {
    find_levels(call, reach, spread(s), levels);
  } else {
    random_levels(call, reach, spread(s), s, levels);
  }
  clear_invalid(call, reach, levels);
  const std::size_t stride = std::size_t{k} * block;
  if (rows == 1) return keep<T>(call, reach, {levels, nullptr, 1, call.keys.placement()}, s);
  s.best_row.resize(call.keys.blocks() * stride * sizeof(T));
  s.best.resize(call.keys.blocks() * stride * sizeof(T));
  for (std::uint32_t b = reach.first_block; b < reach.last_block; ++b) {
    best_of_block(levels + std::size_t{b} * rows * block, rows, k, as<T>(s.best) + b * stride,
                  as<T>(s.best_row) + b * stride);
  }
  keep<T>(call, reach, {as<T>(s.best), as<T>(s.best_row), k, call.keys.placement()}, s);
}

inline void search_narrow(const SearchCall& call, Searcher::Scratch& scratch) {
  search_as<std::uint8_t>(call, scratch);
}
inline void search_wide(const SearchCall& call, Searcher::Scratch& scratch) { search_as<std::uint16_t>(call, scratch); }

inline const char* name_of_target() { return hwy::TargetName(HWY_TARGET); }

}  // namespace capcam::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace capcam::simd {
namespace {

HWY_EXPORT(search_narrow);
HWY_EXPORT(search_wide);
HWY_EXPORT(name_of_target);

constexpr std::uint32_t most_tile_rows = 256;  // a row's number fits a byte
constexpr std::uint32_t most_narrow_level = 254, most_wide_level = 65534;

// Finds the computed form of a table if it has one. A form is tried on every match count, with the 8 bits of a narrow
// level or the 16 bits of a wide one.
void find_computed(SegmentRule& rule, std::uint32_t largest) {
  rule.top = *std::max_element(rule.table.begin(), rule.table.end());
  for (rule.left = 0; rule.left < 8; ++rule.left) {
    for (rule.right = 0; rule.right < 8; ++rule.right) {
      if (rule.left != 0 && rule.right != 0) continue;
      const std::uint32_t add = rule.right == 0 ? 0 : 1u << (rule.right - 1);
      bool same = true;
      for (std::uint32_t m = 0; m <= rule.used && same; ++m) {
        const std::uint32_t shifted = (m << rule.left) + add;
        same = shifted <= largest && std::min(shifted >> rule.right, rule.top) == rule.table[m];
      }
      if (same) {
        rule.computed = true;
        return;
      }
    }
  }
  rule.left = rule.right = 0;
}

std::uint32_t largest_level(const Sensing& sensing) {
  return static_cast<std::uint32_t>(sensing.max_score() / sensing.score_step());
}

}  // namespace

bool Searcher::can(const Sensing& sensing, std::uint32_t rows, std::uint32_t tile_k) {
  return largest_level(sensing) <= most_wide_level && (tile_k == 0 || tile_k >= rows || rows <= most_tile_rows);
}

Searcher::Searcher(const BitRows& keys, const Sensing& sensing, std::uint32_t rows, std::uint32_t tile_k,
                   std::uint32_t n, std::uint32_t interleave)
    : keys_(keys, tile_k == 0 || tile_k >= rows ? 1 : rows,  // without a first stage every key is a tile of its own
            interleave),
      tile_k_(keys_.tile_rows() == 1 ? 1 : tile_k),
      n_(n),
      largest_level_(largest_level(sensing)),
      wide_(largest_level_ > most_narrow_level) {
  const Segmentation& segmentation = keys.segmentation();
  for (std::uint32_t segment = 0; segment < segmentation.segments(); ++segment) {
    SegmentRule& rule = rules_.emplace_back();
    rule.used = segmentation.used_columns(segment);
    rule.planes = planes_of(segmentation, segment);
    rule.level_per_code = static_cast<std::uint32_t>(sensing.score(segment, 1) / sensing.score_step());
    wide_ = wide_ || rule.used > 255;  // match counts need 16 bits, too
    for (std::uint32_t m = 0; m <= rule.used; ++m) {
      rule.table.push_back(
          static_cast<std::uint16_t>(sensing.score(segment, sensing.code(segment, m)) / sensing.score_step()));
    }
  }
  for (SegmentRule& rule : rules_) find_computed(rule, wide_ ? 65535 : 255);
}

bool Searcher::make_random(const BitRows& keys, const RandomReadout& readout, std::uint32_t head_number,
                           const RandomPlanes::RowOf& row_of) {
  static std::atomic<std::uint64_t> identities = 0;
  random_.emplace(keys, keys_, readout, head_number, row_of);
  identity_ = ++identities;
  return random_->fits();
}

void Searcher::search(const BitRows& queries, std::uint32_t query, const ValidKeys& valid, Scratch& scratch) const {
  row_bytes(queries, query, scratch.query);
  const SearchCall call{keys_, rules_,   tile_k_, n_, largest_level_, valid, random_ ? &*random_ : nullptr,
                        query, identity_};
  if (wide_) {
    HWY_DYNAMIC_DISPATCH(search_wide)(call, scratch);
  } else {
    HWY_DYNAMIC_DISPATCH(search_narrow)(call, scratch);
  }
}

const char* target_name() { return HWY_DYNAMIC_DISPATCH(name_of_target)(); }

}  // namespace capcam::simd
#endif
