// --set, one a line, over the default configuration.
// SPDX-License-Identifier: Apache-2.0
#include "capcam/read_config.h"
#include "config/writer.h"
#include "input.h"

using namespace capcam;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::filesystem::path base = fuzz::written("base.toml", "");
  std::vector<std::string> sets;
  std::string_view text = fuzz::text_of(data, size);
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    sets.emplace_back(line);
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  Config config;
  if (!fuzz::accepts([&] { config = read_config(base, sets); })) return 0;
  const std::string resolved = config_to_toml(config);
  fuzz::require(config_to_toml(read_config(fuzz::written("resolved.toml", resolved))) == resolved,
                "a resolved configuration reads back the same");
  return 0;
}
