// Converter kinds and a tile selection as a user would register them, for programs that include this header: they use
// every freedom that the interfaces give.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "capcam/converter.h"
#include "capcam/tile_selection.h"

namespace capcam::testing {

// Decision levels that are not equally spaced, skip code 2 and never reach the last; time and counts that depend on the
// codes of valid rows.
class SquareLaw final : public Converter {
 public:
  using Converter::Converter;
  std::vector<double> decision_levels() const override {
    const int codes = 1 << sensing().bits;
    std::vector<double> levels;
    for (int code = 1; code < codes; ++code) levels.push_back(std::pow((code - 0.5) / codes, 2.0));
    if (codes > 4) levels[1] = levels[2];
    levels.back() = std::numeric_limits<double>::infinity();
    return levels;
  }
  bool time_depends_on_codes() const override { return true; }
  Conversion convert(const SearchCodes& search) const override {
    Conversion conversion{.cycles = 1};
    for (std::uint32_t row = 0; row < search.rows; ++row) {
      if (search.valid[row] == 0) continue;
      conversion.steps = std::max<std::uint64_t>(conversion.steps, search.codes[row]);
      ++conversion.comparisons;
    }
    conversion.cycles += conversion.steps * sensing().ramp_step_cycles;
    return conversion;
  }
  std::vector<ConverterPart> parts() const override { return {{.unit = "comparator"}}; }
};

// Reads delays; a time that grows with the rows, and counts that do not depend on codes.
class SlowDelay final : public Converter {
 public:
  using Converter::Converter;
  ConverterInput input() const override { return ConverterInput::delay; }
  Conversion convert(const SearchCodes& search) const override {
    return {.cycles = 1 + 2 * std::uint64_t{search.rows}, .steps = 3, .comparisons = search.rows};
  }
  std::vector<ConverterPart> parts() const override { return {{.unit = "comparator"}}; }
};

// The first tile_k valid keys, whatever their scores.
class FirstKeys final : public TileSelectionRule {
 public:
  void select(std::span<const Candidate> keys, std::uint32_t tile_k, std::vector<Candidate>& kept) const override {
    const auto first = static_cast<std::ptrdiff_t>(kept.size());
    const std::size_t wanted = std::min<std::size_t>(tile_k, keys.size());
    kept.insert(kept.end(), keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(wanted));
    std::sort(kept.begin() + first, kept.end(), better);
  }
};

inline const RegisterConverter<SquareLaw> square_law("square_law", "test: levels and times of its own");
inline const RegisterConverter<SlowDelay> slow_delay("slow_delay", "test: reads delays, slowly");
inline const RegisterTileSelection<FirstKeys> first_keys("first_keys", "test: the first tile_k keys");

// Gives some machines what is registered here; the others stay what they were.
inline void draw_own_kinds(Config& config, std::uint32_t seed) {
  if (seed % 7 == 3) config.sensing.kind = "square_law";
  if (seed % 7 == 5) config.sensing.kind = "slow_delay";
  if (seed % 5 == 2) config.top_n.tile_selection = "first_keys";
}

}  // namespace capcam::testing
