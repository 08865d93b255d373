// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/table/pareto.h"

#include <random>

#include "support/catch.h"
#include "support/raw_safetensors.h"

using namespace capcam;
using namespace capcam::testing;

namespace {

const std::vector<Objective> energy_and_speed = {{"energy", true}, {"speed", false}};

// States the definition, pair by pair.
bool dominates(const std::vector<Objective>& objectives, const ObjectiveFigures& a, const ObjectiveFigures& b) {
  bool better = false;
  for (std::size_t k = 0; k < objectives.size(); ++k) {
    const double x = *a[k], y = *b[k];
    if (objectives[k].smaller_is_better ? x > y : x < y) return false;
    better = better || x != y;
  }
  return better;
}

}  // namespace

TEST_CASE("a point is on the front unless another is as good in everything and better in something") {
  const std::vector<ObjectiveFigures> points = {{1.0, 5.0}, {2.0, 5.0}, {2.0, 6.0}, {1.0, 5.0}, {3.0, 1.0}};
  CHECK(pareto_front(energy_and_speed, points) == std::vector<bool>{true, false, true, true, false});
}

TEST_CASE("a point without a figure is on no front and keeps no other off it") {
  const std::vector<ObjectiveFigures> points = {{std::nullopt, 9.0}, {2.0, 5.0}};
  CHECK(pareto_front(energy_and_speed, points) == std::vector<bool>{false, true});
}

TEST_CASE("the front is what comparing every pair gives") {
  std::mt19937 engine(7);
  for (int trial = 0; trial < 50; ++trial) {
    std::vector<Objective> objectives(1 + engine() % 4);
    for (Objective& objective : objectives) objective.smaller_is_better = engine() % 2 == 0;
    std::vector<ObjectiveFigures> points(1 + engine() % 60);
    for (ObjectiveFigures& point : points) {
      for (std::size_t k = 0; k < objectives.size(); ++k) point.emplace_back(static_cast<double>(engine() % 6));
    }
    const std::vector<bool> front = pareto_front(objectives, points);
    for (std::size_t i = 0; i < points.size(); ++i) {
      bool beaten = false;
      for (const ObjectiveFigures& other : points) beaten = beaten || dominates(objectives, other, points[i]);
      REQUIRE(front[i] == !beaten);
    }
  }
}

TEST_CASE("an objective names a figure of a report and a direction") {
  CHECK(read_objectives({"energy_pj.per_head_query:min"})[0].smaller_is_better);
  CHECK_FALSE(read_objectives({"accuracy.exact.cosine:max"})[0].smaller_is_better);
  CHECK(read_objectives({"energy_pj.components.dram:min", "counts.cam_array.search:min"}).size() == 2);
  const std::string problems = problems_of([] { read_objectives({"energy_pj.total", "energy_pj.totale:min"}); });
  CHECK_THAT(problems, ContainsSubstring("expected FIGURE:min or FIGURE:max, got 'energy_pj.total'"));
  CHECK_THAT(problems, ContainsSubstring("no figure 'energy_pj.totale', did you mean energy_pj.total?"));
}
