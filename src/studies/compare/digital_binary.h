// A digital unit for one-bit keys: XNOR and popcount on the machine's own key words, exact scores, then the machine's
// own tile selection, merger, softmax and multiply-accumulates. Nothing is programmed and nothing is converted.
//
// Two kinds. `stream` reads keys from the key SRAM word by word and counts the matches of a block of queries as they
// pass; `array` holds a tile in a register array and counts all its rows at once, query by query.
//
// Its time is that of the machine's own engine: a tile of a stream that takes T cycles for B queries is one that is
// "programmed" and searched B times in so many cycles. A selector takes a query a cycle, and so a tile B + 1 at least.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "capcam/config.h"
#include "cost/price.h"

namespace capcam::baseline {

enum class BinaryKind { stream, array };

struct BinaryUnit {
  BinaryKind kind = BinaryKind::stream;
  std::uint32_t block = 1;      // queries that share a read of a key
  std::uint32_t key_lanes = 1;  // keys that one unit reads a cycle (array: rows of the array)
  std::uint32_t count = 1;      // units of a core
  std::uint64_t popcounts() const {
    return std::uint64_t{count} * key_lanes * (kind == BinaryKind::stream ? block : 1);
  }
  std::string text() const;
};

// Returns the machine whose times and actions are this unit's. Key lanes that no tile's time needs are not there.
Config machine_of(const BinaryUnit& unit, const Config& config);

// Returns the units to be tried in the place of a machine: blocks of 1 to 64 queries (1 in decode) in either kind, with
// 1, 2, 4 ... key lanes, as many units as the machine has arrays or one.
std::vector<BinaryUnit> binary_units(const Config& config);

MachinePrices binary_prices(const BinaryUnit& unit, const Config& config, const CardLibrary& library,
                            const TraceShape& shape);
// Returns the actions that have those prices, of a run of machine_of(unit, config).
std::vector<Action> binary_actions(const ActionCounts& counts);

}  // namespace capcam::baseline
