// Adds up figures of queries, for their means and the standard errors of the means.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>

#include "capcam/accuracy.h"
#include "stats/closeness.h"

namespace capcam {

// One figure of many queries. Deviations are taken from a value near which good figures lie, so that they keep their
// digits when all are good.
struct FigureSum {
  double near = 0.0;
  double sum = 0.0, deviations = 0.0, squares = 0.0;

  void add(double figure) {
    sum += figure;
    deviations += figure - near;
    squares += (figure - near) * (figure - near);
  }
  void add(const FigureSum& other) {
    sum += other.sum;
    deviations += other.deviations;
    squares += other.squares;
  }
  double mean(std::uint64_t count) const { return sum / static_cast<double>(count); }
  // Returns the error of the mean of `count` of `all` queries, as if drawn at random without replacement. None for one.
  std::optional<double> standard_error(std::uint64_t count, std::uint64_t all) const {
    if (count >= all) return 0.0;
    if (count < 2) return std::nullopt;
    const auto n = static_cast<double>(count);
    const double variance = std::max(0.0, squares - deviations * deviations / n) / (n - 1.0);
    return std::sqrt(variance / n * (1.0 - n / static_cast<double>(all)));
  }
};

// The figures of queries against one reference.
struct ReferenceSums {
  FigureSum recall{1.0}, cosine{1.0}, relative_l2{0.0};

  void add(double of_recall, const Closeness& closeness) {
    recall.add(of_recall);
    cosine.add(closeness.cosine);
    relative_l2.add(closeness.relative_l2);
  }
  void add(const ReferenceSums& other) {
    recall.add(other.recall);
    cosine.add(other.cosine);
    relative_l2.add(other.relative_l2);
  }
  // Returns their means; worst_head_cosine is their mean cosine.
  AccuracyFigures means(std::uint64_t count) const {
    return {recall.mean(count), cosine.mean(count), relative_l2.mean(count), cosine.mean(count)};
  }
  StandardErrors standard_errors(std::uint64_t count, std::uint64_t all) const {
    return {recall.standard_error(count, all), cosine.standard_error(count, all),
            relative_l2.standard_error(count, all)};
  }
};

struct AccuracySums {
  std::uint64_t queries = 0;
  ReferenceSums exact, ideal;
  void add(const AccuracySums& other) {
    queries += other.queries;
    exact.add(other.exact);
    ideal.add(other.ideal);
  }
};

}  // namespace capcam
