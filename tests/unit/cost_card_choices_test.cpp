// SPDX-License-Identifier: Apache-2.0
#include "cost/card_choices.h"

#include <algorithm>

#include "cost/blocks/blocks.h"
#include "support/catch.h"

using namespace capcam;

namespace {

Config physical() {
  Config config;
  config.cost.library = "physical";
  return config;
}

double register_pj(const CardLibrary& cards, const Config& config) {
  return Blocks(cards.units, {config.cost.node_nm, config.cost.supply_v}).energy_pj("register_bit").value;
}
double adder_pj(const CardLibrary& cards, const Config& config) {
  return Blocks(cards.units, {config.cost.node_nm, config.cost.supply_v}).energy_pj("adder_bit").value;
}

}  // namespace

TEST_CASE("a card that two figures share moves both, so that their ratio stands still") {
  const Config config = physical();
  const CardLibrary library = read_cards(config);
  const CardChoices choices(library, config);
  const std::vector<Spread> spreads = choices.spreads([](const CardLibrary& cards, const Config& c) {
    const double one = register_pj(cards, c), other = 3.0 * register_pj(cards, c);
    return std::vector<double>{one, other, one / other};
  });
  CHECK(spreads[0].low < spreads[0].high);
  CHECK(spreads[1].low == Approx(3.0 * spreads[0].low).epsilon(1e-12));
  CHECK(spreads[2].low == Approx(1.0 / 3.0).epsilon(1e-12));
  CHECK(spreads[2].high == Approx(1.0 / 3.0).epsilon(1e-12));
}

TEST_CASE("draws stay within what the cards say, and the value is that of the preferred cards") {
  const Config config = physical();
  const CardLibrary library = read_cards(config);
  const Blocks blocks(library.units, {config.cost.node_nm, config.cost.supply_v});
  const Figure bit = blocks.energy_pj("register_bit");
  CHECK(bit.low < bit.high);
  const std::vector<Spread> spreads =
      CardChoices(library, config).spreads([](const CardLibrary& cards, const Config& c) {
        return std::vector<double>{register_pj(cards, c)};
      });
  CHECK(spreads[0].value == Approx(bit.value).epsilon(1e-12));
  CHECK(spreads[0].low >= bit.low * (1.0 - 1e-12));
  CHECK(spreads[0].high <= bit.high * (1.0 + 1e-12));
  CHECK(spreads[0].low <= spreads[0].median);
  CHECK(spreads[0].median <= spreads[0].high);
}

TEST_CASE("sources that disagree are drawn equally often") {
  const Config config = physical();
  CardLibrary library = read_cards(config);
  const CardChoices choices(library, config);
  std::size_t sources = 0;
  for (const UnitCard& card : library.units.all()) sources += card.unit == "register_bit" ? 1 : 0;
  REQUIRE(sources >= 2);
  std::vector<double> seen;
  choices.spreads([&](const CardLibrary& cards, const Config& c) {
    seen.push_back(register_pj(cards, c));
    return std::vector<double>{0.0};
  });
  std::vector<double> kinds = seen;
  std::sort(kinds.begin(), kinds.end());
  kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
  REQUIRE(kinds.size() == sources);  // these cards state no low and high of their own
  for (const double kind : kinds) {
    const double share = static_cast<double>(std::count(seen.begin(), seen.end(), kind)) / CardChoices::draws;
    // Three standard deviations of a thousand draws of one in `sources`.
    const double expected = 1.0 / static_cast<double>(sources);
    CHECK(share == Approx(expected).margin(3.0 * std::sqrt(expected * (1.0 - expected) / CardChoices::draws) + 0.002));
  }
}

TEST_CASE("a swing is what one unit does alone, and units that move nothing are not named") {
  const Config config = physical();
  const CardLibrary library = read_cards(config);
  const std::vector<std::vector<Swing>> swings =
      CardChoices(library, config).swings([](const CardLibrary& cards, const Config& c) {
        return std::vector<double>{register_pj(cards, c), 5.0, 2.0 * register_pj(cards, c) + adder_pj(cards, c)};
      });
  const Blocks blocks(library.units, {config.cost.node_nm, config.cost.supply_v});
  const Figure bit = blocks.energy_pj("register_bit"), adder = blocks.energy_pj("adder_bit");
  REQUIRE(swings[0].size() == 1);
  CHECK(swings[0][0].unit == "register_bit");
  CHECK(swings[0][0].low == Approx(bit.low).epsilon(1e-12));
  CHECK(swings[0][0].high == Approx(bit.high).epsilon(1e-12));
  CHECK(swings[1].empty());
  REQUIRE(swings[2].size() == 2);
  for (const Swing& swing : swings[2]) {
    const bool of_register = swing.unit == "register_bit";
    const double low = of_register ? 2.0 * bit.low + adder.value : 2.0 * bit.value + adder.low;
    CHECK(swing.low == Approx(low).epsilon(1e-12));
  }
  CHECK(swings[2][0].high * swings[2][1].low >= swings[2][1].high * swings[2][0].low);  // the larger first
}

TEST_CASE("another source of a memory is the preferred card times what separates them at its own size") {
  const Config config = physical();
  const CardLibrary library = read_cards(config);
  const auto read = [](const CardLibrary& cards, const Config& c, double bytes, double width) {
    return Blocks(cards.units, {c.cost.node_nm, c.cost.supply_v}).sram(bytes, width).energy_pj("read").value;
  };
  const std::vector<std::vector<Swing>> swings =
      CardChoices(library, config).swings([&](const CardLibrary& cards, const Config& c) {
        return std::vector<double>{read(cards, c, 8192, 256), read(cards, c, 64, 16)};
      });
  REQUIRE(swings[0].size() == 1);
  REQUIRE(swings[1].size() == 1);
  CHECK(swings[0][0].unit == "sram");
  // The same factors at any size, small or large.
  CHECK(swings[0][0].high / swings[0][0].low == Approx(swings[1][0].high / swings[1][0].low).epsilon(1e-9));
}
