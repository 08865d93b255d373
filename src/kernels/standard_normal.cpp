// SPDX-License-Identifier: Apache-2.0
#include "kernels/standard_normal.h"

#include <cmath>
#include <numbers>

namespace capcam {
namespace {

// Returns x >= 0 with P(X > x) = p, by Newton's method from a start below it.
double tail_quantile(double p, double start) {
  double x = start;
  for (int i = 0; i < 60; ++i) {
    const double tail = 0.5 * std::erfc(x / std::numbers::sqrt2);
    const double density = std::exp(-x * x / 2.0) / std::sqrt(2.0 * std::numbers::pi);
    const double step = (tail - p) / density;
    x += step;
    if (std::abs(step) < 1e-14) break;
  }
  return x;
}

}  // namespace

NormalTable::NormalTable() {
  // Pieces are made from the last down, so x grows from 0.
  double x_above = 0.0;  // x at the upper end of the piece
  double v_above = 0x1p31;
  for (std::size_t piece = pieces - 1; piece-- > 0;) {
    const double v = std::bit_cast<float>((static_cast<std::int32_t>(piece) + first_piece) << piece_shift);
    const double x = tail_quantile(v * 0x1p-32, x_above);
    const double rise = (x_above - x) / (v_above - v);
    slope[piece] = static_cast<float>(rise);
    offset[piece] = static_cast<float>(x - rise * v);
    x_above = x;
    v_above = v;
  }
}

const NormalTable& NormalTable::get() {
  static const NormalTable table;
  return table;
}

}  // namespace capcam
