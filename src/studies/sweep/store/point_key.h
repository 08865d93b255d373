// The key of a point: a digest of everything its result depends on, and of nothing else.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "capcam/config.h"
#include "capcam/report.h"

namespace capcam {

// Returns a digest of the cards in models/, wherever they are found, because another price makes another result.
std::string cards_digest();

// Returns 64 hexadecimal digits: SHA-256 of version, cards, trace content, layers, seed, accuracy share and resolved
// config. The engine is left out, because engines give the same result.
std::string point_key(const Config& config, const Report::TraceInfo& trace, double accuracy_share,
                      const std::string& cards);

// Returns a number in [0, 1) that is uniform over keys and the same everywhere.
double key_fraction(const std::string& key);

struct Shard {
  std::uint32_t index = 1;  // counts from 1
  std::uint32_t count = 1;
  // Every key is in exactly one shard.
  bool has(const std::string& key) const;
  std::string text() const;  // "2/4"
};

}  // namespace capcam
