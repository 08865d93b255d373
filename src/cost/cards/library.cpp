// SPDX-License-Identifier: Apache-2.0
#include "cost/cards/library.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <set>
#include <system_error>
#include <utility>

#include "capcam/error.h"
#include "config/toml_reader.h"
#include "core/nearest.h"
#include "core/resources.h"
#include "cost/cards/card_file.h"

namespace capcam {
namespace {

constexpr std::string_view library_file = "library.toml";

// The content of library.toml.
struct LibraryFile {
  struct FreeComponent {
    std::string name;
    std::map<std::string, std::string>* reasons = nullptr;
    static void describe(auto& v, auto& c) {
      for (const Action& action : list_actions({})) {
        if (action.component == c.name) v.field(action.name, (*c.reasons)[action.full_name()], Spec<std::string>{});
      }
    }
  };
  struct Free {
    std::map<std::string, std::string>* reasons = nullptr;
    static void describe(auto& v, auto& f) {
      std::string last;
      for (const Action& action : list_actions({})) {
        if (action.component == last) continue;
        last = action.component;
        FreeComponent component{last, f.reasons};
        v.section(last, component);
      }
    }
  };
  CardLibrary* library = nullptr;
  static void describe(auto& v, auto& f) {
    v.choice("prices", f.library->priced_by, pricings, {.doc = "what kind of cards it has"});
    v.field("text", f.library->text, {.doc = "what the library is", .required = true});
    v.field("leakage", f.library->leakage, {.doc = "why leakage is what it is", .required = true});
    Free free{&f.library->free};
    v.section("free", free);
    v.section("designed_for", f.library->designed_for);
  }
};

void read_library_file(const std::filesystem::path& file, CardLibrary& library) {
  TomlReader reader(file);
  LibraryFile contents{&library};
  LibraryFile::describe(reader, contents);
  reader.finish();
  std::erase_if(library.free, [](const auto& entry) { return entry.second.empty(); });
}

Card read_card(const std::filesystem::path& file) {
  TomlReader reader(file);
  Card card;
  card.provenance.card = file.stem().string();
  Card::describe(reader, card);

  std::vector<std::string> problems;
  check_provenance(card.provenance, problems);
  if (card.component == "dram") {
    problems.push_back("component: the DRAM is priced by a card in models/dram (memory.dram_card)");
  } else if (card.cycles.by_action.empty()) {
    std::vector<std::string> components;
    for (const Action& action : list_actions({})) {
      if (components.empty() || components.back() != action.component) components.push_back(action.component);
    }
    problems.push_back(
        fmt::format("component: expected one of {}, got '{}'", fmt::join(components, ", "), card.component));
  }
  if ((card.cell_array.rows == 0) != (card.cell_array.columns == 0)) {
    problems.push_back("cell_array: needs both rows and columns");
  }
  const Normalization& normalized = card.normalized;
  const bool scales = normalized.energy_factor() != 1.0 || normalized.area_factor != 1.0;
  if ((scales || normalized.to_nm > 0.0) && (normalized.source.empty() || normalized.to_nm <= 0.0)) {
    problems.push_back("normalized: needs to_nm and source: a factor without a source is refused");
  }
  reader.finish(in_file(file, reader, problems));
  return card;
}

DramCard read_dram_card(const std::filesystem::path& file) {
  TomlReader reader(file);
  DramCard card;
  card.provenance.card = file.stem().string();
  DramCard::describe(reader, card);
  std::vector<std::string> problems;
  check_provenance(card.provenance, problems);
  const int parts =
      (card.power_mw > 0.0 ? 1 : 0) + (card.access_cycles > 0.0 ? 1 : 0) + (card.access_bytes > 0.0 ? 1 : 0);
  if (card.pj_per_bit > 0.0 ? parts != 0 : parts != 3) {
    problems.push_back("pj_per_bit: expected either pj_per_bit, or power_mw, access_cycles and access_bytes");
  }
  const double low = card.pj_per_bit_low, high = card.pj_per_bit_high;
  if (low > card.pj_per_bit || (high > 0.0 && high < card.pj_per_bit)) {
    problems.push_back("pj_per_bit: expected pj_per_bit_low <= pj_per_bit <= pj_per_bit_high");
  }
  reader.finish(in_file(file, reader, problems));
  return card;
}

std::vector<std::filesystem::path> entries_of(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> entries;
  std::error_code failed;
  for (std::filesystem::directory_iterator it(folder, failed), end; !failed && it != end; it.increment(failed)) {
    entries.push_back(it->path());
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

// Refuses a name that is not in `names`, so that no name leads out of the folder.
void check_known(std::string_view key, const std::string& name, const std::set<std::string>& names,
                 std::string_view what) {
  if (names.contains(name)) return;
  const std::vector<std::string> list(names.begin(), names.end());
  if (list.empty()) find_resource("models");  // throws if there is no such folder, and names the places searched
  const std::optional<std::string> meant = nearest(name, list);
  throw InputError(fmt::format("unknown {}", what),
                   {fmt::format("{}: expected one of {}, got '{}'{}", key, fmt::join(list, ", "), name,
                                meant ? fmt::format("; did you mean '{}'?", *meant) : "")});
}

// Returns the user's folder, then those of the installation.
std::vector<std::filesystem::path> model_folders(const std::optional<std::filesystem::path>& own) {
  std::vector<std::filesystem::path> folders;
  if (own) folders.push_back(*own);
  for (const std::filesystem::path& place : resource_folders()) folders.push_back(place / "models");
  return folders;
}

bool is_there(const std::filesystem::path& path) {
  std::error_code failed;
  return std::filesystem::exists(path, failed);
}

std::set<std::string> library_names(const std::optional<std::filesystem::path>& own) {
  std::set<std::string> names;
  for (const std::filesystem::path& models : model_folders(own)) {
    for (const std::filesystem::path& entry : entries_of(models)) {
      if (is_there(entry / library_file)) names.insert(entry.filename().string());
    }
  }
  return names;
}

std::set<std::string> dram_card_names(const std::optional<std::filesystem::path>& own) {
  std::set<std::string> names;
  for (const std::filesystem::path& models : model_folders(own)) {
    for (const std::filesystem::path& entry : entries_of(models / "dram")) {
      if (entry.extension() == ".toml") names.insert(entry.stem().string());
    }
  }
  return names;
}

// Returns the file in the first folder of cards that has it.
std::filesystem::path first_with(const std::optional<std::filesystem::path>& own,
                                 const std::filesystem::path& relative) {
  for (const std::filesystem::path& models : model_folders(own)) {
    if (is_there(models / relative)) return models / relative;
  }
  throw LawBroken(fmt::format("cards: {} was there a moment ago", relative.string()));
}

bool priced_by_dram_card(const Action& action) {
  return action.component == "dram" && (action.name == "value_bytes" || action.name == "key_bytes");
}

}  // namespace

const Card* CardLibrary::find(std::string_view component) const& {
  const auto found =
      std::find_if(cards.begin(), cards.end(), [&](const Card& card) { return card.component == component; });
  return found == cards.end() ? nullptr : &*found;
}

std::vector<std::string> pricing_problems(const CardLibrary& library) {
  std::vector<std::string> problems;
  if (library.priced_by == PricedBy::blocks) return library.units.problems();  // actions: machine_prices
  for (const Action& action : list_actions({})) {
    std::vector<std::string> prices;
    for (const Card& card : library.cards) {
      const auto cycles = card.cycles.by_action.find(action.name);
      if (card.component == action.component && cycles != card.cycles.by_action.end() && !std::isnan(cycles->second)) {
        prices.push_back("card " + card.provenance.card);
      }
    }
    if (priced_by_dram_card(action)) prices.push_back("card " + library.dram.provenance.card);
    if (library.free.contains(action.full_name())) prices.emplace_back("the list of free actions");
    if (prices.empty()) {
      problems.push_back(fmt::format("library {}: {} is neither priced by a card nor declared free", library.name,
                                     action.full_name()));
    } else if (prices.size() > 1) {
      problems.push_back(fmt::format("library {}: {} is priced more than once: by {}", library.name, action.full_name(),
                                     fmt::join(prices, " and ")));
    }
  }
  return problems;
}

namespace {

// Returns the name of what a card prices: a component (card of a module) or a unit (unit card).
const std::string& priced_by(const Card& card) { return card.component; }
const std::string& priced_by(const UnitCard& card) { return card.unit; }

// Reads all cards of a folder; the cards of `over` replace those of the same component or unit.
template <class AnyCard>
std::vector<AnyCard> read_folder(const std::filesystem::path& folder, const std::optional<std::filesystem::path>& over,
                                 AnyCard (*read)(const std::filesystem::path&), std::vector<std::string>& problems,
                                 std::vector<std::string>& notes) {
  const auto read_all = [&](const std::filesystem::path& from) {
    std::vector<AnyCard> cards;
    for (const std::filesystem::path& file : entries_of(from)) {
      if (file.extension() != ".toml" || file.filename() == library_file) continue;
      collect(problems, [&] { cards.push_back(read(file)); });
    }
    return cards;
  };
  std::vector<AnyCard> cards = read_all(folder), own;
  if (over) own = read_all(*over);
  for (AnyCard& card : own) {
    notes.push_back(fmt::format("card {} of {} prices {}", card.provenance.card, over->string(), priced_by(card)));
    std::erase_if(cards, [&](const AnyCard& shipped) { return priced_by(shipped) == priced_by(card); });
  }
  cards.insert(cards.end(), std::make_move_iterator(own.begin()), std::make_move_iterator(own.end()));
  return cards;
}

}  // namespace

CardLibrary read_cards(const std::filesystem::path& folder, const std::filesystem::path& dram_card,
                       const std::optional<std::filesystem::path>& over) {
  CardLibrary library;
  library.name = folder.filename().string();
  std::vector<std::string> problems;
  collect(problems, [&] { read_library_file(folder / library_file, library); });
  collect(problems, [&] { library.dram = read_dram_card(dram_card); });
  if (library.priced_by == PricedBy::blocks) {
    library.units = UnitCards(read_folder(folder, over, &read_unit_card, problems, library.notes));
  } else {
    library.cards = read_folder(folder, over, &read_card, problems, library.notes);
    std::vector<std::string> order;
    for (const Action& action : list_actions({})) order.push_back(action.component);
    std::stable_sort(library.cards.begin(), library.cards.end(), [&](const Card& a, const Card& b) {
      return std::find(order.begin(), order.end(), a.component) < std::find(order.begin(), order.end(), b.component);
    });
  }
  library.circuit = library.units;
  if (problems.empty()) problems = pricing_problems(library);  // a refused card's actions need no second complaint
  if (!problems.empty()) throw InputError(fmt::format("the cards of library {}", library.name), std::move(problems));
  return library;
}

// Returns the unit cards of the library "physical"; none where there is no such library. Those that are shipped are
// read once.
static UnitCards physical_units(const Config& config, const std::optional<std::filesystem::path>& own) {
  constexpr const char* physical = "physical";
  if (!library_names(own).contains(physical)) return {};
  Config of_units = config;
  of_units.cost.library = physical;
  if (own && is_there(*own / physical)) return read_cards(of_units, own).units;
  static const UnitCards shipped = read_cards(of_units, std::nullopt).units;
  return shipped;
}

CardLibrary read_cards(const Config& config, const std::optional<std::filesystem::path>& own) {
  const auto there_in_own = [&](const std::filesystem::path& name) { return own && is_there(*own / name); };
  std::vector<std::string> problems;
  if (own && !there_in_own(config.cost.library) && !there_in_own("dram")) {
    problems.push_back(fmt::format("--models {}: has neither a folder {} (cost.library) nor a folder dram",
                                   own->string(), config.cost.library));
  }
  collect(problems, [&] { check_known("cost.library", config.cost.library, library_names(own), "card library"); });
  collect(problems,
          [&] { check_known("memory.dram_card", config.memory.dram_card, dram_card_names(own), "DRAM card"); });
  if (!problems.empty()) throw InputError("cannot find the cards", std::move(problems));
  const std::filesystem::path folder =
      first_with(own, std::filesystem::path(config.cost.library) / library_file).parent_path();
  std::optional<std::filesystem::path> over;
  if (there_in_own(config.cost.library) && folder != *own / config.cost.library) over = *own / config.cost.library;
  CardLibrary library =
      read_cards(folder, first_with(own, std::filesystem::path("dram") / (config.memory.dram_card + ".toml")), over);
  if (library.circuit.empty()) library.circuit = physical_units(config, own);
  return library;
}

}  // namespace capcam
