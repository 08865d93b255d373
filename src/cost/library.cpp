// SPDX-License-Identifier: Apache-2.0
#include "cost/library.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <system_error>
#include <utility>

#include "config/toml_reader.h"
#include "core/error.h"
#include "core/nearest.h"
#include "core/resources.h"

namespace capcam {
namespace {

constexpr std::string_view library_file = "library.toml";

// What library.toml says.
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

void check_provenance(const Provenance& provenance, std::vector<std::string>& problems) {
  if (provenance.module.empty()) problems.push_back("module: must not be empty");
  if (provenance.source.empty()) problems.push_back("source: must not be empty: a number without a source is refused");
}

// As lines of TomlReader: the file in front. A reader's own message for the same key has been given already.
std::vector<std::string> in_file(const std::filesystem::path& file, const TomlReader& reader,
                                 const std::vector<std::string>& problems) {
  std::vector<std::string> lines;
  for (const std::string& problem : problems) {
    const std::string key = problem.substr(0, problem.find(':'));
    const std::string place = reader.place(key);
    if (place != key) {
      lines.push_back(place + problem.substr(key.size()));
    } else if (key != "source" && key != "module" && key != "component") {  // required: their absence is reported
      lines.push_back(file.string() + ": " + problem);
    }
  }
  return lines;
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
  reader.finish(in_file(file, reader, problems));
  return card;
}

// Runs one reader; its problems join the others.
void collect(std::vector<std::string>& problems, const auto& read) {
  try {
    read();
  } catch (const InputError& error) {
    if (error.problems().empty()) problems.emplace_back(error.what());
    problems.insert(problems.end(), error.problems().begin(), error.problems().end());
  }
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

// Refuses a name that is not among those there are; so no name leads out of the folder.
void check_known(std::string_view key, const std::string& name, const std::set<std::string>& names,
                 std::string_view what) {
  if (names.contains(name)) return;
  const std::vector<std::string> list(names.begin(), names.end());
  if (list.empty()) find_resource("models");  // throws, naming the places looked at, if there is none
  const std::optional<std::string> meant = nearest(name, list);
  throw InputError(fmt::format("unknown {}", what),
                   {fmt::format("{}: expected one of {}, got '{}'{}", key, fmt::join(list, ", "), name,
                                meant ? fmt::format("; did you mean '{}'?", *meant) : "")});
}

std::set<std::string> library_names() {
  std::set<std::string> names;
  for (const std::filesystem::path& place : resource_folders()) {
    for (const std::filesystem::path& entry : entries_of(place / "models")) {
      std::error_code failed;
      if (std::filesystem::exists(entry / library_file, failed)) names.insert(entry.filename().string());
    }
  }
  return names;
}

std::set<std::string> dram_card_names() {
  std::set<std::string> names;
  for (const std::filesystem::path& place : resource_folders()) {
    for (const std::filesystem::path& entry : entries_of(place / "models" / "dram")) {
      if (entry.extension() == ".toml") names.insert(entry.stem().string());
    }
  }
  return names;
}

bool priced_by_dram_card(const Action& action) {
  return action.component == "dram" && (action.name == "value_bytes" || action.name == "key_bytes");
}

}  // namespace

const Card* CardLibrary::find(std::string_view component) const {
  const auto found =
      std::find_if(cards.begin(), cards.end(), [&](const Card& card) { return card.component == component; });
  return found == cards.end() ? nullptr : &*found;
}

std::vector<std::string> pricing_problems(const CardLibrary& library) {
  std::vector<std::string> problems;
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

CardLibrary read_cards(const std::filesystem::path& folder, const std::filesystem::path& dram_card) {
  CardLibrary library;
  library.name = folder.filename().string();
  std::vector<std::string> problems;
  collect(problems, [&] { read_library_file(folder / library_file, library); });
  collect(problems, [&] { library.dram = read_dram_card(dram_card); });
  std::map<std::string, Card> by_file;
  for (const std::filesystem::path& file : entries_of(folder)) {
    if (file.extension() != ".toml" || file.filename() == library_file) continue;
    collect(problems, [&] { by_file.emplace(file.filename().string(), read_card(file)); });
  }
  std::set<std::string> done;
  for (const Action& action : list_actions({})) {
    if (!done.insert(action.component).second) continue;
    for (auto& [file, card] : by_file) {
      if (card.component == action.component) library.cards.push_back(std::move(card));
    }
  }
  if (problems.empty()) problems = pricing_problems(library);  // a refused card's actions need no second complaint
  if (!problems.empty()) throw InputError(fmt::format("the cards of library {}", library.name), std::move(problems));
  return library;
}

CardLibrary read_cards(const Config& config) {
  std::vector<std::string> problems;
  collect(problems, [&] { check_known("cost.library", config.cost.library, library_names(), "card library"); });
  collect(problems, [&] { check_known("memory.dram_card", config.memory.dram_card, dram_card_names(), "DRAM card"); });
  if (!problems.empty()) throw InputError("cannot find the cards", std::move(problems));
  return read_cards(find_resource("models/" + config.cost.library),
                    find_resource("models/dram/" + config.memory.dram_card + ".toml"));
}

}  // namespace capcam
