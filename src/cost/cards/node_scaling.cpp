// SPDX-License-Identifier: Apache-2.0
#include "cost/cards/node_scaling.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "capcam/error.h"
#include "config/conditions.h"

namespace capcam {
namespace {

struct Node {
  double nm;
  std::array<double, 4> delay;   // a3, a2, a1, a0
  std::array<double, 3> energy;  // a2, a1, a0
  double nominal_v;              // of high-performance processes, ITRS and foundry figures rounded
  double area;                   // relative to 65 nm; read in the row of 65 nm, as its column is too coarse above 65 nm
};

constexpr std::array<Node, 11> nodes = {{
    {180, {0, 97.09, -356.7, 406.5}, {0, 24.64, -17.98}, 1.8, 1 / 0.08},
    {130, {-76.65, 334.9, -493.4, 275.8}, {7.171, -6.709, 2.904}, 1.3, 1 / 0.23},
    {90, {-60.34, 262.5, -384.2, 210.9}, {4.762, -4.781, 2.092}, 1.2, 1 / 0.53},
    {65, {-53.3, 230.4, -333.9, 178.6}, {3.755, -4.398, 1.975}, 1.1, 1},
    {45, {-501.6, 1567, -1619, 566.1}, {1.018, -0.3107, 0.1539}, 1.0, 0.66},
    {32, {-1047, 2982, -2797, 873.5}, {0.8367, -0.4341, 0.1701}, 0.95, 0.31},
    {20, {0, 34.63, -66.37, 41.15}, {0.373, -0.1582, 0.04104}, 0.9, 0.14},
    {16, {0, 24.8, -47.52, 28.87}, {0.2958, -0.1241, 0.03024}, 0.85, 0.13},
    {14, {-40.66, 109.2, -100.6, 35.92}, {0.2363, -0.09675, 0.02239}, 0.8, 0.12},
    {10, {-34.95, 93.65, -85.99, 30.4}, {0.2068, -0.09311, 0.02375}, 0.75, 0.068},
    {7, {-28.58, 76.6, -70.26, 24.69}, {0.1776, -0.09097, 0.02447}, 0.7, 0.039},
}};

template <std::size_t N>
double polynomial(const std::array<double, N>& coefficients, double x) {
  double sum = 0.0;
  for (const double coefficient : coefficients) sum = sum * x + coefficient;
  return sum;
}

// Returns i such that nm lies between the tabulated nodes i and i + 1, or beyond the outermost pair.
std::size_t interval_of(double nm) {
  std::size_t i = 0;
  while (i + 2 < nodes.size() && nm < nodes[i + 1].nm) ++i;
  return i;
}

// Returns the factor at any node; `factor` gives it at a tabulated node.
double at_node(double nm, const char* what, const auto& factor) {
  const std::size_t i = interval_of(nm);
  const auto positive = [&](const Node& node) {
    const double value = factor(node);
    if (!(value > 0.0)) {
      throw InputError(
          fmt::format("{} of {} nm has no meaning at this supply (the fit gives {:.4g})", what, node.nm, value));
    }
    return value;
  };
  if (nm == nodes[i].nm) return positive(nodes[i]);
  if (nm == nodes[i + 1].nm) return positive(nodes[i + 1]);
  const double before = std::log(positive(nodes[i]));
  const double after = std::log(positive(nodes[i + 1]));
  const double share = std::log(nm / nodes[i].nm) / std::log(nodes[i + 1].nm / nodes[i].nm);
  return std::exp(before + share * (after - before));
}

}  // namespace

double energy_factor(const Technology& technology) {
  return at_node(technology.node_nm, "energy",
                 [&](const Node& node) { return polynomial(node.energy, technology.supply_v); });
}

double delay_factor(const Technology& technology) {
  return at_node(technology.node_nm, "delay",
                 [&](const Node& node) { return polynomial(node.delay, technology.supply_v); });
}

double area_factor(double node_nm) {
  return at_node(node_nm, "area", [](const Node& node) { return node.area; });
}

double nominal_supply_v(double node_nm) {
  return at_node(node_nm, "supply", [](const Node& node) { return node.nominal_v; });
}

double energy_ratio(const Technology& from, const Technology& to) {
  const auto capacitance = [](double node_nm) {
    return at_node(node_nm, "energy", [](const Node& node) {
      return polynomial(node.energy, node.nominal_v) / (node.nominal_v * node.nominal_v);
    });
  };
  const double volts = to.supply_v / from.supply_v;
  return capacitance(to.node_nm) / capacitance(from.node_nm) * volts * volts;
}

double leakage_ratio(double card_v, double card_c, const Technology& technology) {
  const auto power = [](CircuitParams conditions, double supply_v) {
    conditions.supply_v = supply_v;
    conditions.supply_error = 0.0;
    conditions.leakage_pa = 1.0;
    return supply_v * actual_leakage_pa(conditions);
  };
  CircuitParams typical = technology.conditions;
  typical.corner = Corner::tt;
  typical.temperature_c = card_c;
  return power(technology.conditions, technology.supply_v) / power(typical, card_v);
}

double gate_delay_ps(const Technology& technology) {
  static constexpr double threshold_v = 0.35, least_overdrive_v = 0.05, alpha = 1.3;
  const double nominal_ps =
      at_node(technology.node_nm, "delay", [](const Node& node) { return polynomial(node.delay, node.nominal_v); });
  const auto law = [](double volts) {
    return volts / std::pow(std::max(volts - threshold_v, least_overdrive_v), alpha);
  };
  return nominal_ps * law(technology.supply_v) / law(nominal_supply_v(technology.node_nm));
}

std::string extrapolation(double node_nm) {
  if (node_nm <= nodes.front().nm && node_nm >= nodes.back().nm) return "";
  const std::size_t i = interval_of(node_nm);
  return fmt::format("{} nm is extrapolated from {} and {} nm", node_nm, nodes[i].nm, nodes[i + 1].nm);
}

}  // namespace capcam
