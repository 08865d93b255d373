// A network of resistances and capacitances, followed in time: so many steps of the trapezoidal rule that their length
// does not matter, by squaring the matrix of one. It shares no equation with kernels/row_network.h.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

namespace capcam::testing {

class RcNetwork {
 public:
  static constexpr int ground = -1;
  explicit RcNetwork(std::size_t nodes)
      : n_(nodes), capacitance_(square(nodes)), conductance_(square(nodes)), volts(nodes, 0.0) {}

  void capacitor(int a, int b, double ff) { between(capacitance_, a, b, ff); }
  void resistor(int a, int b, double kohm) { between(conductance_, a, b, 1e3 / kohm); }  // fF / ns
  void remove_resistor(int a, int b, double kohm) { between(conductance_, a, b, -1e3 / kohm); }

  // Lets time pass; every node must have a path of capacitors to ground.
  void pass(double time_ns) {
    constexpr int doublings = 22;
    const double step_ns = std::ldexp(time_ns, -doublings);
    Matrix left = square(n_);
    for (std::size_t i = 0; i < n_; ++i) {
      for (std::size_t j = 0; j < n_; ++j) {
        left[i][j] = capacitance_[i][j] / step_ns + 0.5 * conductance_[i][j];
      }
    }
    // What a step changes, M - 1, is kept instead of M: (1 + x)^2 - 1 = 2 x + x^2 loses no digits.
    Matrix change = solved(left, conductance_);
    for (auto& row : change)
      for (double& x : row) x = -x;
    for (int i = 0; i < doublings; ++i) {
      Matrix squared = product(change, change);
      for (std::size_t r = 0; r < n_; ++r)
        for (std::size_t c = 0; c < n_; ++c) squared[r][c] += 2.0 * change[r][c];
      change = std::move(squared);
    }
    std::vector<double> later = volts;
    for (std::size_t r = 0; r < n_; ++r)
      for (std::size_t c = 0; c < n_; ++c) later[r] += change[r][c] * volts[c];
    volts = std::move(later);
  }

 private:
  using Matrix = std::vector<std::vector<double>>;
  static Matrix square(std::size_t n) { return Matrix(n, std::vector<double>(n, 0.0)); }

  static void between(Matrix& m, int a, int b, double x) {
    if (a >= 0) m[a][a] += x;
    if (b >= 0) m[b][b] += x;
    if (a >= 0 && b >= 0) {
      m[a][b] -= x;
      m[b][a] -= x;
    }
  }

  static Matrix product(const Matrix& a, const Matrix& b) {
    Matrix c = square(a.size());
    for (std::size_t i = 0; i < a.size(); ++i)
      for (std::size_t k = 0; k < a.size(); ++k)
        for (std::size_t j = 0; j < a.size(); ++j) c[i][j] += a[i][k] * b[k][j];
    return c;
  }

  // Returns a^-1 b (Gauss and Jordan; a is symmetric and positive definite).
  static Matrix solved(Matrix a, Matrix b) {
    for (std::size_t k = 0; k < a.size(); ++k) {
      const double pivot = a[k][k];
      for (std::size_t j = 0; j < a.size(); ++j) {
        a[k][j] /= pivot;
        b[k][j] /= pivot;
      }
      for (std::size_t i = 0; i < a.size(); ++i) {
        const double factor = i == k ? 0.0 : a[i][k];
        for (std::size_t j = 0; j < a.size() && factor != 0.0; ++j) {
          a[i][j] -= factor * a[k][j];
          b[i][j] -= factor * b[k][j];
        }
      }
    }
    return b;
  }

  std::size_t n_;
  Matrix capacitance_, conductance_;

 public:
  std::vector<double> volts;
};

}  // namespace capcam::testing
