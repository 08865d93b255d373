// A configuration in TOML. What is accepted is written out, reads back, and is the same.
// SPDX-License-Identifier: Apache-2.0
#include "capcam/read_config.h"
#include "config/writer.h"
#include "input.h"

using namespace capcam;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::filesystem::path file = fuzz::written("config.toml", fuzz::text_of(data, size));
  Config config;
  if (!fuzz::accepts([&] { config = read_config(file); })) return 0;
  const std::string resolved = config_to_toml(config);
  const Config again = read_config(fuzz::written("resolved.toml", resolved));
  fuzz::require(config_to_toml(again) == resolved, "a resolved configuration reads back the same");
  return 0;
}
