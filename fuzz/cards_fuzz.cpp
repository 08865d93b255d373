// A library of cards: library.toml, one card of it and the DRAM card, divided by lines "---". A part that is empty is
// the shipped one.
// SPDX-License-Identifier: Apache-2.0
#include "cost/cards/library.h"

#include "core/resources.h"
#include "cost/cards/unit_cards.h"
#include "input.h"

using namespace capcam;

namespace {

std::string shipped(std::string_view name) { return testing::read_bytes(find_resource(name)); }

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string usual_library = shipped("models/camformer45/library.toml");
  static const std::string usual_dram = shipped("models/dram/camformer.toml");
  static const bool made = std::filesystem::create_directories(fuzz::file_of("library"));
  fuzz::require(made, "a folder can be made");
  const std::vector<std::string_view> parts = fuzz::parts_of(fuzz::text_of(data, size), 3);
  fuzz::written("library/library.toml", parts[0].empty() ? usual_library : parts[0]);
  const std::filesystem::path card = fuzz::written("library/card.toml", parts[1]);
  const std::filesystem::path dram = fuzz::written("dram.toml", parts[2].empty() ? usual_dram : parts[2]);
  fuzz::accepts([&] { read_unit_card(card); });
  // A library of one card lacks prices: all of it is read before that is said.
  fuzz::accepts([&] { read_cards(fuzz::file_of("library"), dram); });
  return 0;
}
