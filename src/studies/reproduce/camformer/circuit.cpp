// The assumptions of the published figures, variation, and accuracy.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "capcam/error.h"
#include "capcam/read_config.h"
#include "cost/cards/library.h"
#include "cost/circuit_cards.h"
#include "studies/montecarlo/montecarlo.h"
#include "studies/reproduce/camformer/camformer.h"

namespace capcam::reproduce {
namespace {

const ComponentCost& component(const Report& report, std::string_view name) {
  const auto found = std::find_if(report.cost.components.begin(), report.cost.components.end(),
                                  [&](const ComponentCost& c) { return c.name == name; });
  if (found == report.cost.components.end()) throw LawBroken("reproduce: no component " + std::string(name));
  return *found;
}

double pj_per_action(const Report& report, std::string_view name) {
  const ComponentCost& of = component(report, name);
  return of.energy_pj.value / static_cast<double>(of.actions.front().count);
}

OurTable foundations(Machines& machines) {
  const Report& report = published_design(machines);
  const Report& honest = honest_design(machines);
  const Report& hbm2 = published_design(machines, {"memory.dram_card=hbm2"});
  const CardLibrary cards = read_cards(read_config(resolve_config_path("camformer")));
  const Card& array = *cards.find("cam_array");
  const double card_cells = double{1} * array.cell_array.rows * array.cell_array.columns;
  const double cells = report.config.array.rows * report.config.array.columns;
  const ComponentCost& cam = component(report, "cam_array");
  const auto program = std::find_if(cam.actions.begin(), cam.actions.end(),
                                    [](const ActionCost& action) { return action.name == "program"; });
  const double honest_array = *area_um2(honest, {"cam_array", "search_line", "matchline"});
  return {"foundations",
          {{"dram_pj_per_bit", report.cost.dram_pj_per_bit, {}, honest.cost.dram_pj_per_bit},
           {"dram_nj_at_hbm2", hbm2.cost.dram_pj.value / head_queries(hbm2) / 1e3, {}, {}},
           {"cell_um2", array.area_um2 / card_cells, {}, honest_array / cells},
           {"program_share", 100.0 * program->energy_pj.value / cam.energy_pj.value, {}, {}},
           {"converter_pj", pj_per_action(report, "converter"), {}, pj_per_action(honest, "converter")},
           {"mac_pj", pj_per_action(report, "value_mac"), {}, pj_per_action(honest, "value_mac")}}};
}

double percent_of_full_scale(const std::vector<std::string>& sets) {
  montecarlo::Request request;
  request.config = read_config(resolve_config_path("pvt"), sets);
  request.config = with_circuit_cards(request.config, read_cards(request.config));
  request.instances = 20;
  request.searches = 10;
  for (const Choice<Corner>& corner : corners) {
    for (const double temperature : {-40.0, 25.0, 125.0}) {
      for (const double supply : {-0.1, 0.0, 0.1}) request.conditions.push_back({corner.value, temperature, supply});
    }
  }
  return montecarlo::sense(request, [] { return false; }).figures.percent_of_full_scale;
}

OurTable variation() {
  const double charge = percent_of_full_scale({});
  // Delays are counted by a clock, which does not follow the cells; slow, hot cells need 3.6 cycles.
  const double time = percent_of_full_scale(
      {"sensing.kind=time_domain", "sensing.reference_follows_supply=false", "array.search_cycles=4"});
  return {"variation",
          {{"pvt_percent", charge, {}, {}},
           {"pvt_lsb", charge * 64 / 100, {}, {}},
           {"time_domain_percent", time, {}, {}},
           {"time_domain_ratio", time / charge, {}, {}},
           {"glue_loss", {}, {}, {}}}};
}

}  // namespace

std::vector<OurTable> circuit_tables(Machines& machines) { return {foundations(machines), variation()}; }

}  // namespace capcam::reproduce
