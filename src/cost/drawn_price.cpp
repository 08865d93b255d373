// SPDX-License-Identifier: Apache-2.0
#include "cost/drawn_price.h"

#include "cost/card_choices.h"

namespace capcam {

std::vector<DrawnFigure> drawn_figures(const RunStats& stats, const Config& config, const CardLibrary& library,
                                       const TraceShape* shape) {
  const auto head_queries = static_cast<double>(stats.head_queries);
  const Pricing pricing = [&](const CardLibrary& cards, const Config& priced) {
    const Cost cost = price(stats, priced, cards, shape);
    std::vector<double> figures{cost.area_um2.value / 1e6};
    if (stats.head_queries > 0) {
      figures.push_back(cost.on_chip_pj.value / head_queries / 1e3);
      figures.push_back(cost.total_pj.value / head_queries / 1e3);
    }
    return figures;
  };
  const CardChoices choices(library, config);
  const std::vector<Spread> spreads = choices.spreads(pricing);
  std::vector<std::vector<Swing>> swings = choices.swings(pricing);
  constexpr const char* names[][2] = {
      {"area", "mm^2"}, {"energy on chip", "nJ per head-query"}, {"energy", "nJ per head-query"}};
  std::vector<DrawnFigure> figures;
  for (std::size_t i = 0; i < spreads.size(); ++i)
    figures.push_back({names[i][0], names[i][1], spreads[i], std::move(swings[i])});
  return figures;
}

}  // namespace capcam
