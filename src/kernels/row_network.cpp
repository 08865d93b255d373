// SPDX-License-Identifier: Apache-2.0
#include "kernels/row_network.h"

#include <array>
#include <cmath>
#include <complex>
#include <numbers>

namespace capcam {
namespace {

using Complex = std::complex<double>;

// Points of one half of the contour; the other half is conjugate.
struct Point {
  Complex z, weight;
};
constexpr std::size_t points = 11;

std::array<Point, points> contour_points() {
  constexpr double n = 2.0 * points;
  std::array<Point, points> contour;
  for (std::size_t k = 0; k < points; ++k) {
    const double theta = std::numbers::pi * (2.0 * static_cast<double>(k) + 1.0) / n;
    const double a = 0.6407 * theta, cotangent = std::cos(a) / std::sin(a), sine = std::sin(a);
    const Complex z(n * (0.5017 * theta * cotangent - 0.6122), n * 0.2645 * theta);
    const Complex slope(n * 0.5017 * (cotangent - a / (sine * sine)), n * 0.2645);
    contour[k] = {z, 2.0 / n * std::exp(z) * slope / Complex(0.0, 1.0)};
  }
  return contour;
}

// The division of C++ looks for overflow, which costs ten times this.
Complex inverse(Complex x) { return std::conj(x) / std::norm(x); }

// The network at one s, its charges at the beginning as sources.
class Transformed {
 public:
  Transformed(const RowNetwork& network, const NetworkStep& step)
      : network_(network), step_(step), admittance_(network.cells), source_(network.cells) {}

  // Adds the transformed charges times `weight` to `to`.
  void add(Complex s, Complex weight, const RowCharges& from, RowCharges& to) {
    const RowNetwork& n = network_;
    s *= ns_per_kohm_ff;  // of 1 / ns; the charges' scale has it, too
    const std::uint32_t last = n.cells - 1;
    const bool samples = step_.samples && n.sampling_ff > 0.0;
    const Complex load = s * (n.cell_ff + (n.couples ? n.plate_ff : 0.0));
    const Complex loaded = inverse(1.0 + n.switch_kohm * load);  // of a cell's charge at its node
    Complex cell_admittance = 0.0, of_cell = 0.0;
    if (step_.cells) {
      cell_admittance =
          n.couples ? s * n.cell_ff * (1.0 + n.switch_kohm * n.plate_ff * s) * loaded : s * n.cell_ff * loaded;
      of_cell = n.couples ? s * n.cell_ff * n.switch_kohm * loaded : loaded;
    }
    const Complex sampled = inverse(1.0 + n.sampling_kohm * n.sampling_ff * s);
    for (std::uint32_t i = last + 1; i-- > 0;) {
      Complex admittance = s * n.node_ff + cell_admittance, source = from.nodes[i] + of_cell * from.cells[i];
      if (i < last) {
        const Complex through = inverse(1.0 + n.wire_kohm * admittance_[i + 1]);
        admittance += admittance_[i + 1] * through;
        source += source_[i + 1] * through;
      }
      if (i == 0 && samples) {
        admittance += s * n.sampling_ff * sampled;
        source += sampled * from.sampled;
      }
      admittance_[i] = admittance;
      source_[i] = source;
    }
    Complex volt = 0.0;
    for (std::uint32_t i = 0; i <= last; ++i) {
      volt = i == 0 ? source_[0] * inverse(admittance_[0])
                    : (volt + n.wire_kohm * source_[i]) * inverse(1.0 + n.wire_kohm * admittance_[i]);
      Complex on_node = n.node_ff * volt;
      if (step_.cells && n.couples) {
        const Complex plate = n.switch_kohm * (from.cells[i] + s * n.cell_ff * volt) * loaded;
        to.cells[i] += (weight * ((n.cell_ff + n.plate_ff) * plate - n.cell_ff * volt)).real();
        on_node += n.cell_ff * (volt - plate);
      } else if (step_.cells) {
        to.cells[i] += (weight * n.cell_ff * (n.switch_kohm * from.cells[i] + volt) * loaded).real();
      }
      to.nodes[i] += (weight * on_node).real();
      if (i == 0 && samples)
        to.sampled += (weight * n.sampling_ff * (n.sampling_kohm * from.sampled + volt) * sampled).real();
    }
  }

 private:
  const RowNetwork& network_;
  const NetworkStep& step_;
  std::vector<Complex> admittance_, source_;  // [node]: of it and all beyond
};

}  // namespace

void flow(const RowNetwork& network, const NetworkStep& step, RowCharges& charges) {
  static const std::array<Point, points> contour = contour_points();
  if (step.time_ns <= 0.0) return;
  RowCharges later{std::vector<double>(network.cells, 0.0), std::vector<double>(network.cells, 0.0), 0.0};
  Transformed transformed(network, step);
  for (const Point& point : contour)
    transformed.add(point.z / step.time_ns, point.weight * ns_per_kohm_ff / step.time_ns, charges, later);
  if (!step.cells) later.cells = charges.cells;
  if (!step.samples) later.sampled = charges.sampled;
  charges = std::move(later);
}

std::vector<double> read_weights(const RowNetwork& network, std::span<const NetworkStep> steps) {
  RowCharges charges{std::vector<double>(network.cells, 0.0), std::vector<double>(network.cells, 0.0), 0.0};
  (network.sampling_ff > 0.0 ? charges.sampled : charges.nodes[0]) = 1.0;
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) flow(network, *step, charges);
  if (network.couples)
    for (double& charge : charges.cells) charge = -charge;
  return std::move(charges.cells);
}

double sharing_time_constant_ns(const RowNetwork& network) {
  const double used = network.cells, wire_ff = used * network.node_ff, cells_ff = used * network.cell_ff;
  return ns_per_kohm_ff * (network.switch_kohm / used + network.wire_kohm * used / 3.0) *
         (wire_ff > 0.0 ? cells_ff * wire_ff / (cells_ff + wire_ff) : 0.0);
}

}  // namespace capcam
