// SPDX-License-Identifier: Apache-2.0
#include "cost/cards/library.h"

#include "support/catch.h"
#include "support/config_files.h"
#include "support/places.h"
#include "support/raw_safetensors.h"

using namespace capcam;
using namespace capcam::testing;

namespace {

const std::filesystem::path shipped = testing::source_dir() / "models";

// A copy of the shipped cards in which a test makes one thing wrong.
struct Cards {
  Cards() { std::filesystem::copy(shipped, files.folder() / "models", std::filesystem::copy_options::recursive); }
  void replace(const std::string& card, const std::string& what, const std::string& by) const {
    const std::string path = (files.folder() / "models" / card).string();
    std::string text = read_bytes(path);
    const std::size_t at = text.find(what);
    REQUIRE(at != std::string::npos);
    write_bytes(path, text.replace(at, what.size(), by));
  }
  CardLibrary read() const {
    return read_cards(files.folder() / "models/camformer45", files.folder() / "models/dram/camformer.toml");
  }
  std::string problems() const {
    std::string all;
    for (const std::string& line : files.problems_of([&] { read(); })) all += line + "\n";
    return all;
  }
  ConfigFiles files;
};

constexpr const char* merger = "camformer45/merger_camformer_tcas1_2026.toml";
constexpr const char* key_sram = "camformer45/key_sram_camformer_tcas1_2026.toml";

}  // namespace

TEST_CASE("the shipped cards are read, and price every action once") {
  const Cards cards;
  CHECK(cards.problems().empty());
  CHECK(pricing_problems(cards.read()).empty());
}

TEST_CASE("every shipped DRAM card names its source and gives an energy") {
  for (const auto& entry : std::filesystem::directory_iterator(shipped / "dram")) {
    INFO(entry.path());
    const CardLibrary library = read_cards(shipped / "camformer45", entry.path());
    CHECK_FALSE(library.dram.provenance.source.empty());
    CHECK(library.dram.pj_per_byte() > 0.0);
  }
}

TEST_CASE("a card without a source, a technology or an evidence is refused") {
  for (const std::string key : {"source", "technology_nm", "evidence"}) {
    const Cards cards;
    cards.replace(merger, "\n" + key + " = ", "\n#" + key + " = ");
    INFO(key);
    CHECK_THAT(cards.problems(), ContainsSubstring("merger_camformer_tcas1_2026.toml") && ContainsSubstring(key));
  }
}

TEST_CASE("the problems of all cards are named at once, with file, line and key") {
  const Cards cards;
  cards.replace(merger, "power_mw = 99.815", "power_mw = -1");
  cards.replace(merger, "evidence = \"synthesis\"", "evidence = \"rumour\"");
  cards.replace(key_sram, "area_um2", "aera_um2");
  const std::string problems = cards.problems();
  CHECK_THAT(problems, ContainsSubstring("merger_camformer_tcas1_2026.toml:8:") && ContainsSubstring("power_mw"));
  CHECK_THAT(problems, ContainsSubstring("rumour"));
  CHECK_THAT(problems, ContainsSubstring("aera_um2") && ContainsSubstring("did you mean \"area_um2\""));
}

TEST_CASE("an action without a price is found by its name") {
  const Cards cards;
  std::filesystem::remove(cards.files.folder() / "models" / merger);
  std::string problems = cards.problems();
  if (problems.empty())
    for (const std::string& line : pricing_problems(cards.read())) problems += line;
  CHECK_THAT(problems, ContainsSubstring("merger.merge"));
}

TEST_CASE("an action that two cards price is found by its name") {
  const Cards cards;
  const std::filesystem::path from = cards.files.folder() / "models" / merger;
  std::filesystem::copy(from, from.parent_path() / "merger_again.toml");
  std::string problems = cards.problems();
  if (problems.empty())
    for (const std::string& line : pricing_problems(cards.read())) problems += line;
  CHECK_THAT(problems, ContainsSubstring("merger"));
}
