// SPDX-License-Identifier: Apache-2.0
#include "cost/card_choices.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "core/philox.h"
#include "cost/blocks/blocks.h"

namespace capcam {
namespace {

constexpr std::uint64_t seed = 1;  // of the draws: the same for every comparison
constexpr std::string_view dram = "dram";
// Returns the number at a place between low (0) and high (1), or its value if the place is negative.
double at(const Figure& figure, double place) {
  if (place < 0.0 || !(figure.low > 0.0)) return figure.value;
  return figure.low * std::pow(figure.high / figure.low, place);
}
void settle(Stated& stated, double place) { stated = {at(stated.figure(), place), 0.0, 0.0}; }

std::uint32_t hash_of(std::string_view text) {
  std::uint32_t hash = 2166136261u;  // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return hash;
}

// A memory's card holds near its own size, so another source is the preferred card times what separates the two at the
// other's size.
UnitCard memory_as(const UnitCard& preferred, const UnitCard& other, const CardLibrary& library, const Config& config) {
  const Technology technology{config.cost.node_nm, config.cost.supply_v};
  const auto alone = [&](const UnitCard& card) {
    std::vector<UnitCard> cards{card};
    for (const UnitCard& any : library.units.all())
      if (any.unit != card.unit) cards.push_back(any);
    return UnitCards(std::move(cards));
  };
  const UnitCards ours = alone(preferred), theirs = alone(other);
  const auto sram = [&](const UnitCards& cards) {
    return Blocks(cards, technology).sram(other.memory.bytes, other.memory.width_bits);
  };
  const Block own = sram(ours), its = sram(theirs);
  UnitCard card = preferred;
  card.energy_pj.value *= its.energy_pj("read").value / own.energy_pj("read").value;
  card.write_pj.value *= its.energy_pj("write").value / own.energy_pj("write").value;
  card.area_um2.value *= its.area_um2.value / own.area_um2.value;
  return card;
}

double percentile(const std::vector<double>& sorted, double share) {
  return sorted[static_cast<std::size_t>(std::lround(share * static_cast<double>(sorted.size() - 1)))];
}

}  // namespace

CardChoices::CardChoices(const CardLibrary& library, const Config& config) : library_(library), config_(config) {
  library_.units = library_.circuit = {};
  for (const UnitCard& card : library.units.all()) {
    if (std::any_of(units_.begin(), units_.end(), [&](const Unit& unit) { return unit.name == card.unit; })) continue;
    Unit& unit = units_.emplace_back(Unit{card.unit, {}});
    const std::vector<const UnitCard*> cards = library.units.of(card.unit);
    for (const UnitCard* one : cards) {
      UnitCard source =
          one == cards.front() || one->memory.bytes == 0.0 ? *one : memory_as(*cards.front(), *one, library, config);
      source.preferred = true;
      unit.sources.push_back(std::move(source));
    }
  }
  units_.push_back({std::string(dram), {UnitCard{}}});
}

std::vector<double> CardChoices::priced(const std::vector<Pick>& picks, const Pricing& pricing) const {
  CardLibrary library = library_;
  std::vector<UnitCard> cards;
  for (std::size_t i = 0; i < units_.size(); ++i) {
    const Pick& pick = picks[i];
    if (units_[i].name == dram) {
      library.dram.pj_per_bit = at(library_.dram.pj_per_byte_figure(), pick.of_energy) / 8.0;
      library.dram.pj_per_bit_low = library.dram.pj_per_bit_high = 0.0;
      continue;
    }
    UnitCard& card = cards.emplace_back(units_[i].sources[pick.source]);
    for (Stated* energy : {&card.energy_pj, &card.write_pj, &card.capacitance_ff, &card.resistance_ohm,
                           &card.mismatch_mv_um, &card.factor})
      settle(*energy, pick.of_energy);
    for (Stated* area : {&card.area_um2, &card.leakage_nw_um2, &card.density_ff_um2, &card.area_factor})
      settle(*area, pick.of_area);
  }
  library.units = library.circuit = UnitCards(std::move(cards));
  return pricing(library, config_);
}

std::vector<CardChoices::Pick> CardChoices::drawn(std::uint32_t number) const {
  std::vector<Pick> picks;
  const PhiloxKey key = philox_key(seed, RandomStream::cards);
  for (const Unit& unit : units_) {
    const std::uint32_t which = hash_of(unit.name);
    const auto [of_source, of_energy] = philox_uniforms({number, which, 0, 0}, key);
    const double of_area = philox_uniforms({number, which, 1, 0}, key)[0];
    const auto sources = static_cast<double>(unit.sources.size());
    picks.push_back({static_cast<std::size_t>(of_source * sources), of_energy, of_area});
  }
  return picks;
}

std::vector<Spread> CardChoices::spreads(const Pricing& pricing) const {
  const std::vector<double> values = priced(std::vector<Pick>(units_.size()), pricing);
  std::vector<std::vector<double>> of_figure(values.size());
  for (std::uint32_t number = 0; number < draws; ++number) {
    const std::vector<double> figures = priced(drawn(number), pricing);
    for (std::size_t i = 0; i < figures.size(); ++i) of_figure[i].push_back(figures[i]);
  }
  std::vector<Spread> spreads;
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::sort(of_figure[i].begin(), of_figure[i].end());
    spreads.push_back(
        {values[i], percentile(of_figure[i], 0.05), percentile(of_figure[i], 0.5), percentile(of_figure[i], 0.95)});
  }
  return spreads;
}

std::vector<std::vector<Swing>> CardChoices::swings(const Pricing& pricing) const {
  std::vector<Pick> picks(units_.size());
  const std::vector<double> values = priced(picks, pricing);
  std::vector<std::vector<Swing>> swings(values.size());
  for (std::size_t u = 0; u < units_.size(); ++u) {
    const Unit& unit = units_[u];
    std::vector<double> low = values, high = values;
    for (std::size_t source = 0; source < unit.sources.size(); ++source) {
      for (const double end : {0.0, as_stated, 1.0}) {
        picks[u] = {source, end, end};
        const std::vector<double> figures = priced(picks, pricing);
        for (std::size_t i = 0; i < figures.size(); ++i) {
          low[i] = std::min(low[i], figures[i]);
          high[i] = std::max(high[i], figures[i]);
        }
      }
    }
    picks[u] = {};
    for (std::size_t i = 0; i < values.size(); ++i)
      if (high[i] > low[i] * (1.0 + 1e-9)) swings[i].push_back({unit.name, low[i], high[i]});
  }
  for (std::vector<Swing>& of_figure : swings) {
    std::stable_sort(of_figure.begin(), of_figure.end(),
                     [](const Swing& a, const Swing& b) { return a.high * b.low > b.high * a.low; });
  }
  return swings;
}

}  // namespace capcam
