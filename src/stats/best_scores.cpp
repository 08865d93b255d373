// SPDX-License-Identifier: Apache-2.0
#include "stats/best_scores.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "kernels/simd/score_selection.h"

namespace capcam {
namespace {

constexpr std::size_t padding = 16;  // the kernels take so many scores at once
constexpr double nothing = -std::numeric_limits<double>::infinity();

double just_above(double score) { return std::nextafter(score, std::numeric_limits<double>::infinity()); }

}  // namespace

void BestScores::begin(std::uint32_t n) {
  n_ = n;
  least_ = std::numeric_limits<double>::lowest();
  bounded_ = false;
  count_ = 0;
}

// Returns a number that at least n of these scores reach, the lowest finite one if they are fewer.
double BestScores::bound_of(std::span<const double> scores) const {
  // If n groups have a score that reaches it, then so do n scores. About as many more do, as groups are large.
  if (n_ <= simd::score_groups / 2 && scores.size() > 2 * simd::score_groups)
    return simd::reached_by(simd::group_maxima(scores), n_, n_ + n_ / 8);
  return simd::reached_by(scores, n_, n_ + n_ / 4);
}

void BestScores::add(std::span<const double> scores, std::uint32_t key) {
  if (n_ == 0) return;
  const std::size_t room = count_ + scores.size() + padding;
  if (scores_.size() < room) {
    scores_.resize(room);
    keys_.resize(room);
  }
  if (!bounded_) least_ = bound_of(scores);
  count_ += simd::gather_reaching(scores, least_, key, scores_.data() + count_, keys_.data() + count_);
  if (!bounded_ && least_ > std::numeric_limits<double>::lowest()) {
    bounded_ = true;
    least_ = just_above(least_);  // keys to come are higher
  }
  if (count_ > 2 * std::size_t{n_} + simd::score_groups) keep_best();
}

void BestScores::drop_below(double least) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    scores_[kept] = scores_[i];
    keys_[kept] = keys_[i];
    kept += scores_[i] >= least ? 1 : 0;
  }
  count_ = kept;
}

// Drops all but the n best of more than n.
void BestScores::keep_best() {
  const std::size_t padded = (count_ + padding - 1) / padding * padding;
  std::fill(scores_.begin() + static_cast<std::ptrdiff_t>(count_),
            scores_.begin() + static_cast<std::ptrdiff_t>(padded), nothing);
  double worst = simd::reached_by(std::span(scores_).first(padded), n_, n_);
  drop_below(worst);
  if (count_ > n_) {  // some are equal, or so close that bisection does not part them
    ranked_.assign(scores_.begin(), scores_.begin() + static_cast<std::ptrdiff_t>(count_));
    std::nth_element(ranked_.begin(), ranked_.begin() + (n_ - 1), ranked_.end(), std::greater<>());
    worst = ranked_[n_ - 1];
    const auto above = std::count_if(ranked_.begin(), ranked_.end(), [&](double score) { return score > worst; });
    std::size_t ties = n_ - static_cast<std::size_t>(above), kept = 0;
    for (std::size_t i = 0; i < count_; ++i) {
      if (scores_[i] < worst || (scores_[i] == worst && ties == 0)) continue;
      ties -= scores_[i] == worst ? 1 : 0;
      scores_[kept] = scores_[i];
      keys_[kept++] = keys_[i];
    }
    count_ = kept;
  }
  least_ = std::max(least_, just_above(worst));
  bounded_ = true;
}

std::span<const std::uint32_t> BestScores::keys() {
  if (count_ > n_) keep_best();
  return std::span(keys_).first(count_);
}

}  // namespace capcam
