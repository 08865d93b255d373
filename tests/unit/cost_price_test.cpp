// SPDX-License-Identifier: Apache-2.0
#include "cost/price.h"

#include "capcam/error.h"
#include "support/catch.h"
#include "support/places.h"

using namespace capcam;

namespace {

const std::filesystem::path models = testing::source_dir() / "models";

CardLibrary cards(const std::string& dram = "camformer") {
  return read_cards(models / "camformer45", models / "dram" / (dram + ".toml"));
}

// Makes a count for every action; no two are alike.
struct Fill {
  std::uint64_t next = 1000;
  void field(std::string_view, std::uint64_t& count, const Spec<std::uint64_t>&) { count = next += 7919; }
};
RunStats some_counts() {
  RunStats stats;
  Fill fill;
  ActionCounts::describe(fill, stats.counts);
  return stats;
}

const ComponentCost& component(const Cost& cost, const std::string& name) {
  for (const ComponentCost& one : cost.components)
    if (one.name == name) return one;
  throw std::runtime_error("no component " + name);
}

}  // namespace

TEST_CASE("an action costs the card's power over its charged cycles, brought to the library's node") {
  RunStats stats;
  stats.counts.merger_merge = 1;
  const Cost cost = price(stats, {}, cards());
  // The card: 99.815 mW at 65 nm for 6 cycles of 1 ns; energy factors 0.92 and 0.48. mW x ns = pJ.
  CHECK(component(cost, "merger").energy_pj.value == Approx(99.815 * 6 * 0.48 / 0.92).epsilon(1e-12));
  CHECK(cost.total_pj.value == component(cost, "merger").energy_pj.value);
}

TEST_CASE("DRAM is charged by the bit moved") {
  RunStats stats;
  stats.counts.dram_value_bytes = 4096;
  stats.counts.dram_key_bytes = 128;
  const Cost cost = price(stats, {}, cards("hbm2"));
  CHECK(cost.dram_pj.value == Approx(3.9 * 8 * (4096 + 128)).epsilon(1e-12));
  CHECK(cost.on_chip_pj.value == 0.0);
}

TEST_CASE("a hidden load of keys costs its bytes and its writes, unless the published accounting is asked for") {
  RunStats stats;
  stats.counts.dram_key_bytes = 8192;
  stats.counts.key_sram_write = 256;
  stats.counts.dram_value_bytes = 131072;  // a head's values
  const auto priced = [&](LoadAccounting loads, HeadLoad keys) {
    Config config;
    config.cost.loads = loads;
    config.memory.key_load = keys;
    return price(stats, config, cards("hbm2"));
  };
  const double byte = 3.9 * 8.0;
  for (const HeadLoad keys : {HeadLoad::hidden, HeadLoad::modelled}) {
    const Cost counted = priced(LoadAccounting::counted, keys);
    CHECK(counted.dram_pj.value == Approx(byte * (8192 + 131072)).epsilon(1e-12));
    CHECK(component(counted, "key_sram").energy_pj.value > 0.0);
  }
  CHECK(priced(LoadAccounting::published, HeadLoad::modelled).total_pj ==
        priced(LoadAccounting::counted, HeadLoad::modelled).total_pj);
  const Cost published = priced(LoadAccounting::published, HeadLoad::hidden);
  CHECK(published.dram_pj.value == Approx(byte * 131072).epsilon(1e-12));  // values are always paid
  CHECK(component(published, "key_sram").energy_pj.value == 0.0);
  // Keys that do not fit the key SRAM are fetched at every use, which is no hidden load.
  Config config;
  config.cost.loads = LoadAccounting::published;
  const TraceShape large{1, 1, 1, 1, 1025, 64, 64};
  CHECK(price(stats, config, cards("hbm2"), &large).dram_pj.value == Approx(byte * (8192 + 131072)).epsilon(1e-12));
}

TEST_CASE("energy and area are the sums of their parts, exactly") {
  const Cost cost = price(some_counts(), {}, cards());
  double on_chip = 0.0, area = 0.0;
  for (const ComponentCost& one : cost.components) {
    double actions = 0.0;
    for (const ActionCost& action : one.actions) {
      CHECK(action.energy_pj.value == static_cast<double>(action.count) * action.energy_per_action_pj.value);
      actions += action.energy_pj.value;
    }
    CHECK(one.energy_pj.value == actions);
    on_chip += one.energy_pj.value;
    area += one.area_um2.value;
  }
  CHECK(cost.on_chip_pj.value == on_chip + cost.leakage_pj.value);
  CHECK(cost.total_pj.value == cost.on_chip_pj.value + cost.dram_pj.value);
  CHECK(cost.area_um2.value == area);
  CHECK_NOTHROW(check_cost(cost));
}

TEST_CASE("every action is counted in the component it belongs to") {
  const RunStats stats = some_counts();
  const Cost cost = price(stats, {}, cards());
  for (const Action& action : list_actions(stats.counts)) {
    if (action.component == "dram" || cards().free.contains(action.full_name())) continue;
    INFO(action.full_name());
    const std::vector<ActionCost>& of = component(cost, action.component).actions;
    const auto found =
        std::find_if(of.begin(), of.end(), [&](const ActionCost& one) { return one.name == action.name; });
    REQUIRE(found != of.end());
    CHECK(found->count == action.count);
  }
}

TEST_CASE("a sum that was tampered with is found") {
  Cost cost = price(some_counts(), {}, cards());
  cost.components.front().energy_pj.value *= 1.0 + 1e-12;
  CHECK_THROWS_AS(check_cost(cost), LawBroken);
  cost = price(some_counts(), {}, cards());
  cost.area_um2.value += 1.0;
  CHECK_THROWS_AS(check_cost(cost), LawBroken);
}

TEST_CASE("twice the actions cost twice the energy, and the clock changes none of it") {
  RunStats once = some_counts(), twice = once;
  struct Double {
    void field(std::string_view, std::uint64_t& count, const Spec<std::uint64_t>&) { count *= 2; }
  } doubler;
  ActionCounts::describe(doubler, twice.counts);
  Config slow;
  slow.clock.frequency_ghz = 0.25;
  CHECK(price(twice, {}, cards()).total_pj == 2.0 * price(once, {}, cards()).total_pj);
  CHECK(price(once, slow, cards()).total_pj == price(once, {}, cards()).total_pj);
}

TEST_CASE("components are as many as the machine has") {
  Config config;
  config.accelerator.cores = 3;
  config.array.count = 4;
  const Cost cost = price({}, config, cards());
  CHECK(component(cost, "merger").instances == 3);
  CHECK(component(cost, "merger").area_um2.value == Approx(3 * 101540.8 * 0.66).epsilon(1e-12));  // as on the card
  CHECK(component(cost, "cam_array").instances == 12);
}

TEST_CASE("cards used beyond the design they describe are noted") {
  Config config;
  config.top_n.n = 16;
  const Cost published = price({}, {}, cards()), other = price({}, config, cards());
  CHECK(published.notes.empty());
  REQUIRE_FALSE(other.notes.empty());
  std::string all;
  for (const std::string& note : other.notes) all += note + "\n";
  CHECK_THAT(all, ContainsSubstring("top_n.n is 16 instead of 32"));
}
