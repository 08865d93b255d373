// Sensing turns a matchline (kernels/matchline.h) into a code. It is noise-free here: the code depends on the match
// count.
//
// Scores are integers in units of 1 / scores_per_match(): ideal sensing counts matches (unit 1); a b-bit converter
// gives code * used_columns in units of 2^-b matches, so that segments of different width add up exactly.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "capcam/config.h"
#include "kernels/bits.h"

namespace capcam {

class Sensing {
 public:
  Sensing(const Config& config, const Segmentation& segmentation);

  // Returns the code for a row in which `matches` of the segment's used columns match. For an ideal circuit and equally
  // spaced levels it is min(floor(matches * 2^b / used_columns + 1/2), 2^b - 1), for kind ideal the match count.
  std::uint32_t code(std::uint32_t segment, std::uint32_t matches) const {
    return codes_[segment + 1 == segmentation_.segments() ? 1 : 0][matches];
  }

  // Returns what a code adds to the digital score, in units of 1 / scores_per_match() matches.
  std::int32_t score(std::uint32_t segment, std::uint32_t code) const;

  std::int32_t scores_per_match() const { return scores_per_match_; }
  // Returns a number of which all scores are multiples.
  std::int32_t score_step() const { return score_step_; }
  // Returns the largest possible score of a key.
  std::int32_t max_score() const { return max_score_; }

 private:
  Segmentation segmentation_;
  bool counts_matches_ = false;                      // true if the code is the match count
  std::array<std::vector<std::uint32_t>, 2> codes_;  // [matches], of a full segment and of the last
  std::int32_t scores_per_match_ = 1;
  std::int32_t score_step_ = 1;
  std::int32_t max_score_ = 0;
};

// Returns the largest possible score of a head of head_dim dimensions, before it is known to fit 32 bits.
std::uint64_t largest_score(const SensingParams& params, std::uint64_t head_dim);

}  // namespace capcam
