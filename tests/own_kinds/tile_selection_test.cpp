// Tile selections that are registered from outside capcam.
// SPDX-License-Identifier: Apache-2.0
#include "capcam/tile_selection.h"

#include <string>
#include <vector>

#include "capcam/error.h"
#include "capcam/read_config.h"
#include "kernels/tile_selection.h"
#include "support/catch.h"
#include "support/config_files.h"
#include "support/own_kinds.h"

using namespace capcam;
using namespace capcam::testing;

namespace {

const std::vector<std::int32_t> scores = {5, 9, 7, 9, 1};
constexpr std::uint32_t first_key = 20;

std::vector<Candidate> kept_by(const std::string& rule, std::uint32_t tile_k, const ValidKeys& valid) {
  TopNParams top_n;
  top_n.tile_selection = rule;
  top_n.tile_k = tile_k;
  std::vector<Candidate> kept;
  const ConfiguredTileSelection select(top_n);
  select(scores, {first_key, 5}, valid, kept);
  return kept;
}

// A rule that keeps what a test says.
struct Chosen {
  static inline std::vector<Candidate> kept;
};
class ChosenRule final : public TileSelectionRule {
 public:
  void select(std::span<const Candidate>, std::uint32_t, std::vector<Candidate>& kept) const override {
    kept.insert(kept.end(), Chosen::kept.begin(), Chosen::kept.end());
  }
};
const RegisterTileSelection<ChosenRule> chosen_rule("chosen_rule", "test: what the test says");

std::string refusal(std::vector<Candidate> kept) {
  Chosen::kept = std::move(kept);
  try {
    kept_by("chosen_rule", 2, ValidKeys(21, 25, nullptr));
  } catch (const InputError& error) {
    return error.what();
  }
  return "not refused";
}

}  // namespace

TEST_CASE("a registered rule sees the tile's valid keys and decides which are candidates") {
  const std::vector<Candidate> expected = {{9, 21}, {7, 22}};
  CHECK(kept_by("first_keys", 2, ValidKeys(21, 100, nullptr)) == expected);
  CHECK(kept_by("first_keys", 2, ValidKeys(0, 20, nullptr)).empty());
}

TEST_CASE("without a first stage all keys are kept, whatever the rule") {
  CHECK(kept_by("first_keys", 0, ValidKeys(0, 100, nullptr)) == kept_by("best", 0, ValidKeys(0, 100, nullptr)));
  CHECK(kept_by("first_keys", 0, ValidKeys(0, 100, nullptr)).size() == 5);
}

TEST_CASE("the published rule's own select() keeps what the engines' code for it keeps") {
  const auto best = make_tile_selection({});
  CHECK(best->keeps_the_best());
  std::vector<Candidate> keys, kept;
  for (std::uint32_t i = 0; i < scores.size(); ++i) keys.push_back({scores[i], first_key + i});
  best->select(keys, 3, kept);
  CHECK(kept == kept_by("best", 3, ValidKeys(0, 100, nullptr)));
}

TEST_CASE("a rule that keeps too few, a key of elsewhere, another score or a key twice is refused") {
  CHECK(refusal({{9, 21}}) ==
        "tile selection \"chosen_rule\": expected 2 candidates of 4 valid keys with tile_k 2, got 1");
  CHECK(refusal({{9, 21}, {5, 20}}) ==
        "tile selection \"chosen_rule\": key 20 with score 5 is no valid key of the tile");
  CHECK(refusal({{9, 21}, {8, 22}}) ==
        "tile selection \"chosen_rule\": key 22 with score 8 is no valid key of the tile");
  CHECK(refusal({{9, 21}, {9, 21}}) == "tile selection \"chosen_rule\": key 21 is kept twice");
  CHECK(refusal({{9, 21}, {1, 24}}) == "not refused");
}

TEST_CASE("a configuration names a registered rule; a misspelt one is refused with the nearest") {
  const ConfigFiles files;
  CHECK(read_config(files.write("own.toml", "[top_n]\ntile_selection = 'first_keys'\n")).top_n.tile_selection ==
        "first_keys");
  const auto lines =
      files.problems_of([&] { read_config(files.write("wrong.toml", "[top_n]\ntile_selection = 'first_key'\n")); });
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].ends_with("got \"first_key\", did you mean \"first_keys\"?"));
}
