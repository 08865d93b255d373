// The second and third step of a search find the best keys of every tile, and the best of those.
// SPDX-License-Identifier: Apache-2.0
#if defined(CAPCAM_KERNELS_SIMD_BEST_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef CAPCAM_KERNELS_SIMD_BEST_INL_H
#undef CAPCAM_KERNELS_SIMD_BEST_INL_H
#else
#define CAPCAM_KERNELS_SIMD_BEST_INL_H
#endif

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "kernels/selection.h"
#include "kernels/simd/reach-inl.h"

HWY_BEFORE_NAMESPACE();
namespace capcam::simd::HWY_NAMESPACE {

// Finds the best `K` levels of every tile of a block and their rows, highest level first, equal levels by lowest row:
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
      // From the last rank up, each rank takes the level, or what the rank above loses to it, or stays as it is.
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

// Returns one bit per lane of a block. Mask bits are stored in whole bytes.
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

// Candidates that lie in best[block][rank][lane].
template <class T>
struct Candidates {
  const T* best;
  const T* row;  // null if tiles have one row
  std::uint32_t k;
  const Placement& placement;
  std::size_t stride() const { return std::size_t{k} * block; }
  std::uint32_t key(std::uint32_t b, std::uint32_t rank, std::uint32_t lane) const {
    return placement.tile(b * block + lane)[row == nullptr ? 0u : row[b * stride() + rank * block + lane]];
  }
};

struct Threshold {
  std::uint32_t level;   // level + 1, the highest that at least n reach, or 1 (all reach it) if there are fewer
  std::size_t reaching;  // candidates that reach it
  std::size_t above;     // candidates above it, fewer than n
};

template <class T>
HWY_INLINE Threshold find_threshold(const T* levels, std::size_t count, std::uint32_t n, std::uint32_t highest) {
  constexpr std::size_t few = 1024;  // candidates that are counted sooner than the count is known
  std::uint32_t least = 1, beyond = highest + 1;
  std::size_t reaching = 0, above = 0;
  // Three counts at once take about as long as one.
  while (count <= few && beyond - least > 3) {
    const std::uint32_t width = beyond - least;
    const std::uint32_t low = least + width / 4, middle = least + width / 2, high = least + width * 3 / 4;
    const std::size_t of_low = count_at_least(levels, count, static_cast<T>(low));
    const std::size_t of_middle = count_at_least(levels, count, static_cast<T>(middle));
    const std::size_t of_high = count_at_least(levels, count, static_cast<T>(high));
    const bool enough_low = of_low >= n, enough_middle = of_middle >= n, enough_high = of_high >= n;
    beyond = enough_high ? beyond : enough_middle ? high : enough_low ? middle : low;
    above = enough_high ? above : enough_middle ? of_high : enough_low ? of_middle : of_low;
    least = enough_high ? high : enough_middle ? middle : enough_low ? low : least;
    reaching = enough_high ? of_high : enough_middle ? of_middle : enough_low ? of_low : reaching;
  }
  while (beyond - least > 1) {
    const std::uint32_t middle = (least + beyond) / 2;
    const std::size_t found = count_at_least(levels, count, static_cast<T>(middle));
    const bool enough = found >= n;  // a branch could not be predicted
    least = enough ? middle : least;
    beyond = enough ? beyond : middle;
    reaching = enough ? found : reaching;
    above = enough ? above : found;
  }
  if (least == 1) reaching = count_at_least(levels, count, T{1});
  return {least, reaching, above};
}

// Up to this many candidates are sorted by counting, for each, the candidates that are better.
constexpr std::size_t most_compared = 64;
constexpr std::uint32_t most_packed_key = (1u << 24) - 1;

// Packs level (less than 255) and key into a signed number, which compares fastest; the better candidate is larger.
HWY_INLINE std::int32_t packed(std::uint32_t level, std::uint32_t key) {
  return static_cast<std::int32_t>(((level - 128) << 24) | (most_packed_key - key));
}
HWY_INLINE std::uint32_t unpacked_level(std::int32_t both) { return (static_cast<std::uint32_t>(both) >> 24) ^ 128; }
HWY_INLINE std::uint32_t unpacked_key(std::int32_t both) {
  return most_packed_key - (static_cast<std::uint32_t>(both) & most_packed_key);
}

// Writes the candidates of a rank of block b that reach the threshold to found[count] on. Up to a block's places beyond
// them may be overwritten.
template <class T>
HWY_INLINE std::size_t gather_reaching(const Candidates<T>& all, std::uint32_t b, std::uint32_t rank, T threshold,
                                       std::int32_t* found, std::size_t count) {
  const T* of_rank = all.best + b * all.stride() + rank * block;
#if HWY_TARGET == HWY_AVX3_DL  // compresses bytes in one instruction
  if constexpr (sizeof(T) == 1) {
    static_assert(hn::MaxLanes(Lanes<T>()) == block);
    if (all.placement.consecutive()) {
      const Lanes<T> d;
      const hn::CappedTag<std::int32_t, 16> wide;
      const hn::Rebind<T, decltype(wide)> narrow;
      const auto level = hn::LoadU(d, of_rank);
      const auto reaches = hn::Gt(level, hn::Set(d, static_cast<T>(threshold - 1)));
      const std::size_t more = hn::CountTrue(d, reaches);
      HWY_ALIGN T levels[block], lanes[block], rows[block];
      hn::Store(hn::Compress(level, reaches), d, levels);
      hn::Store(hn::Compress(hn::Iota(d, 0), reaches), d, lanes);
      hn::Store(all.row == nullptr ? hn::Zero(d)
                                   : hn::Compress(hn::LoadU(d, all.row + b * all.stride() + rank * block), reaches),
                d, rows);
      const auto key_rows = hn::Set(wide, static_cast<std::int32_t>(all.placement.rows));
      // packed(level - 1, key) = ((level - 128) << 24) - 1 - key, as most_packed_key is all ones.
      const auto last = hn::Set(wide, static_cast<std::int32_t>(b * block * all.placement.rows + 1 + (128u << 24)));
      for (std::size_t i = 0; i < more; i += hn::Lanes(wide)) {
        const auto lane = hn::PromoteTo(wide, hn::Load(narrow, lanes + i));
        const auto key = hn::Add(hn::Mul(lane, key_rows), hn::PromoteTo(wide, hn::Load(narrow, rows + i)));
        const auto high = hn::ShiftLeft<24>(hn::PromoteTo(wide, hn::Load(narrow, levels + i)));
        hn::StoreU(hn::Sub(high, hn::Add(key, last)), wide, found + count + i);
      }
      return count + more;
    }
  }
#endif
  for (std::uint64_t lanes = lanes_at_least(of_rank, threshold); lanes != 0; lanes &= lanes - 1) {
    const auto lane = static_cast<std::uint32_t>(std::countr_zero(lanes));
    found[count++] = packed(of_rank[lane] - 1u, all.key(b, rank, lane));
  }
  return count;
}

// Counts, for each number in `Vectors` vectors of `mine`, how many of all[0, count) are larger.
template <std::size_t Vectors, class D>
HWY_INLINE void count_better(D d, const std::int32_t* HWY_RESTRICT all, std::size_t count, const std::int32_t* mine,
                             std::int32_t* HWY_RESTRICT better) {
  const std::size_t n = hn::Lanes(d);
  const auto one = hn::Set(d, 1);
  const auto more = [&](auto sum, auto other, auto own)
                        HWY_ATTR { return hn::IfThenElse(hn::Gt(other, own), hn::Add(sum, one), sum); };
  const auto a = hn::LoadU(d, mine), b = hn::LoadU(d, mine + (Vectors > 1 ? n : 0)),
             c = hn::LoadU(d, mine + (Vectors > 2 ? 2 * n : 0)), e = hn::LoadU(d, mine + (Vectors > 3 ? 3 * n : 0));
  auto of_a = hn::Zero(d), of_b = of_a, of_c = of_a, of_e = of_a;
  for (std::size_t j = 0; j < count; ++j) {
    const auto other = hn::Set(d, all[j]);
    of_a = more(of_a, other, a);
    if constexpr (Vectors > 1) of_b = more(of_b, other, b);
    if constexpr (Vectors > 2) of_c = more(of_c, other, c);
    if constexpr (Vectors > 3) of_e = more(of_e, other, e);
  }
  hn::StoreU(of_a, d, better);
  if constexpr (Vectors > 1) hn::StoreU(of_b, d, better + n);
  if constexpr (Vectors > 2) hn::StoreU(of_c, d, better + 2 * n);
  if constexpr (Vectors > 3) hn::StoreU(of_e, d, better + 3 * n);
}

// Gathers every candidate that reaches the threshold, at most most_compared, and keeps the best n.
template <class T>
void keep_few(const SearchCall& call, const Reach& reach, const Candidates<T>& all, const Threshold& threshold,
              Searcher::Scratch& s) {
  const hn::CappedTag<std::int32_t, 16> d;
  HWY_ALIGN std::int32_t found[most_compared + block], place[most_compared + 64], sorted[most_compared];
  std::size_t count = 0;
  for (std::uint32_t b = reach.first_block; b < reach.last_block; ++b) {
    for (std::uint32_t rank = 0; rank < all.k; ++rank)
      count = gather_reaching(all, b, rank, static_cast<T>(threshold.level), found, count);
  }
  // The place of each candidate is the number of better ones.
  const std::size_t vectors = (count + hn::Lanes(d) - 1) / hn::Lanes(d);
  for (std::size_t at = 0; at < vectors; at += 4) {
    const std::size_t left = vectors - at;
    const std::int32_t* mine = found + at * hn::Lanes(d);
    std::int32_t* to = place + at * hn::Lanes(d);
    if (left == 1) count_better<1>(d, found, count, mine, to);
    if (left == 2) count_better<2>(d, found, count, mine, to);
    if (left == 3) count_better<3>(d, found, count, mine, to);
    if (left >= 4) count_better<4>(d, found, count, mine, to);
  }
  for (std::size_t i = 0; i < count; ++i) sorted[place[i]] = found[i];
  const std::size_t kept = std::min<std::size_t>(count, call.n);
  s.level.resize(kept);
  s.key.resize(kept);
  std::uint32_t* HWY_RESTRICT level = s.level.data();
  std::uint32_t* HWY_RESTRICT key = s.key.data();
  for (std::size_t i = 0; i < kept; ++i) {
    level[i] = unpacked_level(sorted[i]);
    key[i] = unpacked_key(sorted[i]);
  }
}

// Keeps the best n of the candidates that reach the threshold, however many they are, where keys do not ascend with the
// places of their lanes.
template <class T>
void keep_interleaved(const SearchCall& call, const Reach& reach, const Candidates<T>& all, const Threshold& threshold,
                      Searcher::Scratch& s) {
  std::vector<Candidate>& found = s.found;
  found.clear();
  for (std::uint32_t b = reach.first_block; b < reach.last_block; ++b) {
    for (std::uint32_t rank = 0; rank < all.k; ++rank) {
      const T* of_rank = all.best + b * all.stride() + rank * block;
      for (std::uint64_t lanes = lanes_at_least(of_rank, static_cast<T>(threshold.level)); lanes != 0;
           lanes &= lanes - 1) {
        const auto lane = static_cast<std::uint32_t>(std::countr_zero(lanes));
        found.push_back({static_cast<std::int32_t>(of_rank[lane]) - 1, all.key(b, rank, lane)});
      }
    }
  }
  keep_best(found, call.n);
  s.level.resize(found.size());
  s.key.resize(found.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    s.level[i] = static_cast<std::uint32_t>(found[i].score);
    s.key[i] = found[i].key;
  }
}

// Keeps the candidates above the threshold and, of those at it, the lowest keys, however many they are. Levels are
// counted to sort them. Keys must ascend with the places of their lanes.
template <class T>
void keep_many(const SearchCall& call, const Reach& reach, const Candidates<T>& all, const Threshold& threshold,
               Searcher::Scratch& s) {
  std::size_t ties = call.n - threshold.above;
  s.found_level.clear();
  s.found_key.clear();
  std::uint32_t highest = threshold.level;
  for (std::uint32_t b = reach.first_block; b < reach.last_block; ++b) {
    const T* of_block = all.best + b * all.stride();
    // Levels fall with the rank, so a lane whose first rank does not reach the threshold has none that does.
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
  s.places.assign(highest - threshold.level + 2, 0);  // the first place of each level from the highest on
  for (const std::uint32_t level : s.found_level) ++s.places[highest - level + 1];
  for (std::size_t i = 1; i < s.places.size(); ++i) s.places[i] += s.places[i - 1];
  for (std::size_t i = 0; i < s.found_level.size(); ++i) {  // keys of a level are in order
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
  } else if (!all.placement.consecutive()) {
    keep_interleaved(call, reach, all, threshold, s);
  } else {
    keep_many(call, reach, all, threshold, s);
  }
}

}  // namespace capcam::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
