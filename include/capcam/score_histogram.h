// Histogram of the numbers of matching bits of valid keys and of kept keys, with the sensing error of the kept keys. It
// has only whole numbers, so that the order of adding does not matter.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <vector>

namespace capcam {

struct ScoreHistogram {
  // Keys with one number of matching bits. An error is sensed score minus matches, in 1 / scores_per_match matches.
  struct Bin {
    std::uint64_t valid = 0, kept = 0;
    std::int64_t error_sum = 0, absolute_error_sum = 0;  // over kept keys
    std::int64_t least_error = 0, largest_error = 0;     // over kept keys; 0 if there are none

    void keep(std::int64_t error) {
      least_error = kept == 0 ? error : std::min(least_error, error);
      largest_error = kept == 0 ? error : std::max(largest_error, error);
      error_sum += error;
      absolute_error_sum += std::abs(error);
      ++kept;
    }
  };

  std::vector<Bin> bins;  // [head_dim + 1], by matching bits

  void add(const ScoreHistogram& other) {
    for (std::size_t i = 0; i < bins.size(); ++i) {
      Bin& bin = bins[i];
      const Bin& more = other.bins[i];
      if (more.kept > 0) {
        bin.least_error = bin.kept == 0 ? more.least_error : std::min(bin.least_error, more.least_error);
        bin.largest_error = bin.kept == 0 ? more.largest_error : std::max(bin.largest_error, more.largest_error);
      }
      bin.valid += more.valid;
      bin.kept += more.kept;
      bin.error_sum += more.error_sum;
      bin.absolute_error_sum += more.absolute_error_sum;
    }
  }
};

}  // namespace capcam
