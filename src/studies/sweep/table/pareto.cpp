// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/table/pareto.h"

#include <algorithm>
#include <cmath>

namespace capcam {

std::vector<bool> pareto_front(const std::vector<Objective>& objectives, const std::vector<ObjectiveFigures>& points) {
  // Turns figures into costs, of which smaller is better.
  std::vector<std::vector<double>> costs(points.size());
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < points.size(); ++i) {
    bool complete = !objectives.empty();
    for (std::size_t k = 0; k < objectives.size(); ++k) {
      const std::optional<double> figure = points[i][k];
      complete = complete && figure && !std::isnan(*figure);
      costs[i].push_back(complete ? (objectives[k].smaller_is_better ? *figure : -*figure) : 0.0);
    }
    if (complete) order.push_back(i);
  }
  // In the order of costs, only a point before it can dominate a point, and only points of the front need be compared.
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return costs[a] < costs[b]; });
  std::vector<std::size_t> front;
  std::vector<bool> on_front(points.size());
  for (const std::size_t i : order) {
    const bool dominated = std::any_of(front.begin(), front.end(), [&](std::size_t other) {
      return costs[other] != costs[i] && std::equal(costs[other].begin(), costs[other].end(), costs[i].begin(),
                                                    [](double a, double b) { return a <= b; });
    });
    if (dominated) continue;
    front.push_back(i);
    on_front[i] = true;
  }
  return on_front;
}

}  // namespace capcam
