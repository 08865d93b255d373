// What a point is known by: a digest of everything its result depends on, and of nothing else.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "capcam/config.h"
#include "capcam/report.h"

namespace capcam {

// Of the cards in models/ as they are found: a changed price is another result.
std::string cards_digest();

// 64 hexadecimal digits: SHA-256 of version, cards, trace content, layers, seed, accuracy share and resolved config.
// Engines give the same result and are no part of it.
std::string point_key(const Config& config, const Report::TraceInfo& trace, double accuracy_share,
                      const std::string& cards);

// Uniform in [0, 1) by key; the same everywhere.
double key_fraction(const std::string& key);

struct Shard {
  std::uint32_t index = 1;  // from 1
  std::uint32_t count = 1;
  // Every key is in exactly one shard, whatever the others do.
  bool has(const std::string& key) const;
  std::string text() const;  // "2/4"
};

}  // namespace capcam
