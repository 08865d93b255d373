// SPDX-License-Identifier: Apache-2.0
#include "kernels/simd/score_selection.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/score_selection.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace capcam::simd::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Scores = hn::CappedTag<double, 8>;

inline void maxima_of_groups(std::span<const double> scores, double* maxima) {
  const Scores d;
  for (std::size_t group = 0; group < score_groups; group += hn::Lanes(d)) {
    auto largest = hn::LoadU(d, scores.data() + group);
    for (std::size_t i = group + score_groups; i < scores.size(); i += score_groups)
      largest = hn::Max(largest, hn::LoadU(d, scores.data() + i));
    hn::StoreU(largest, d, maxima + group);
  }
}

inline std::size_t count_reaching(std::span<const double> scores, double least) {
  const Scores d;
  const hn::RebindToSigned<Scores> whole;  // adds in one cycle
  const std::size_t n = hn::Lanes(d);
  const auto bound = hn::Set(d, least);
  const auto one = hn::Set(whole, std::int64_t{1});
  const auto more = [&](auto sum, std::size_t i) HWY_ATTR {
    const auto reaches = hn::Ge(hn::LoadU(d, scores.data() + i), bound);
    return hn::IfThenElse(hn::RebindMask(whole, reaches), hn::Add(sum, one), sum);
  };
  auto a = hn::Zero(whole), b = a;
  for (std::size_t i = 0; i < scores.size(); i += 2 * n) {
    a = more(a, i);
    b = more(b, i + n);
  }
  return static_cast<std::size_t>(hn::GetLane(hn::SumOfLanes(whole, hn::Add(a, b))));
}

struct Ends {
  double lowest, highest;  // of the scores above -infinity; lowest > highest if there are none
};

inline Ends ends_of(std::span<const double> scores) {
  const Scores d;
  constexpr double infinity = std::numeric_limits<double>::infinity();
  auto low = hn::Set(d, infinity), high = hn::Set(d, -infinity);
  for (std::size_t i = 0; i < scores.size(); i += hn::Lanes(d)) {
    const auto score = hn::LoadU(d, scores.data() + i);
    low = hn::Min(low, hn::IfThenElse(hn::Eq(score, hn::Set(d, -infinity)), hn::Set(d, infinity), score));
    high = hn::Max(high, score);
  }
  // Not hn::MaxOfLanes: clang's reduction with AVX-512 makes the lowest finite number of minus infinity.
  HWY_ALIGN double lows[hn::MaxLanes(d)], highs[hn::MaxLanes(d)];
  hn::Store(low, d, lows);
  hn::Store(high, d, highs);
  return {*std::min_element(lows, lows + hn::Lanes(d)), *std::max_element(highs, highs + hn::Lanes(d))};
}

inline double bisect(std::span<const double> scores, std::size_t n, std::size_t most) {
  constexpr int patience = 40;
  const Ends ends = ends_of(scores);
  if (ends.lowest > ends.highest || count_reaching(scores, ends.lowest) < n)
    return std::numeric_limits<double>::lowest();
  if (count_reaching(scores, ends.highest) >= n) return ends.highest;
  double low = ends.lowest, high = ends.highest;  // n reach low, fewer reach high
  for (int step = 0; step < patience; ++step) {
    const double middle = low + (high - low) / 2;
    const std::size_t found = count_reaching(scores, middle);
    const bool enough = found >= n;  // a branch could not be predicted
    low = enough ? middle : low;
    high = enough ? high : middle;
    if (enough && found <= most) break;
  }
  return low;
}

inline std::size_t gather(std::span<const double> scores, double least, std::uint32_t key, double* to_scores,
                          std::uint32_t* to_keys) {
  const Scores d;
  const auto bound = hn::Set(d, least);
  std::size_t count = 0;
  for (std::size_t first = 0; first < scores.size(); first += 64) {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < 64; i += hn::Lanes(d)) {
      std::uint8_t stored[8] = {};
      hn::StoreMaskBits(d, hn::Ge(hn::LoadU(d, scores.data() + first + i), bound), stored);
      std::uint64_t bits = 0;
      std::memcpy(&bits, stored, sizeof bits);
      word |= bits << i;
    }
    for (; word != 0; word &= word - 1, ++count) {
      const std::size_t place = first + static_cast<std::size_t>(std::countr_zero(word));
      to_scores[count] = scores[place];
      to_keys[count] = key + static_cast<std::uint32_t>(place);
    }
  }
  return count;
}

}  // namespace capcam::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace capcam::simd {

HWY_EXPORT(maxima_of_groups);
HWY_EXPORT(bisect);
HWY_EXPORT(gather);

std::array<double, score_groups> group_maxima(std::span<const double> scores) {
  std::array<double, score_groups> maxima;
  HWY_DYNAMIC_DISPATCH(maxima_of_groups)(scores, maxima.data());
  return maxima;
}

double reached_by(std::span<const double> scores, std::size_t n, std::size_t most) {
  return HWY_DYNAMIC_DISPATCH(bisect)(scores, n, most);
}

std::size_t gather_reaching(std::span<const double> scores, double least, std::uint32_t key, double* to_scores,
                            std::uint32_t* to_keys) {
  return HWY_DYNAMIC_DISPATCH(gather)(scores, least, key, to_scores, to_keys);
}

}  // namespace capcam::simd
#endif
