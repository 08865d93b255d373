// What travels between the modules, in the order of the flow.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "engines/systemc/group.h"
#include "engines/systemc/stage.h"
#include "kernels/selection.h"

namespace capcam {

// A tile's segment as it lies in an array.
struct ProgrammedTile {
  Group* group = nullptr;
  Job job;
  bool last_of_group = false;        // of this array
  std::vector<std::uint64_t> words;  // of the rows from job.first_row on; those before are still there
};

// Matchlines of one search: matching bits of each row.
struct MatchCounts {
  Group* group = nullptr;
  std::uint32_t lane = 0, tile = 0, segment = 0;
  std::vector<std::uint32_t> matches;
  std::vector<std::int32_t> matching_cells;  // their capacitances' differences (CellMismatch); empty: all alike
};

// What the converters made of them.
struct Codes {
  Group* group = nullptr;
  std::uint32_t lane = 0, tile = 0, segment = 0;
  std::uint32_t slot = 0;  // of the tile selection, if last segment
  std::vector<std::uint32_t> codes;
};

// The best keys of a tile for one query, best first.
struct TileCandidates {
  Group* group = nullptr;
  std::uint32_t lane = 0, tile = 0;
  std::uint32_t array = 0, slot = 0;  // whose slot it holds
  std::vector<Candidate> candidates;
};

// The keys kept for a query, best first. Without a valid key: none.
struct Selection {
  Group* group = nullptr;
  std::uint32_t lane = 0;
  Cycle handover = 0;
  std::vector<Candidate> keys;
};

// The same with their softmax weights.
struct Weights {
  Group* group = nullptr;
  std::uint32_t lane = 0;
  std::vector<Candidate> keys;
  std::vector<float> weights;
};

// To the prefetch: value rows wanted (a burst), or candidates dropped, or a query done (no keys).
struct RowMessage {
  enum class Kind : std::uint8_t { fetch, drop, done };
  Kind kind = Kind::fetch;
  Group* group = nullptr;
  std::uint64_t sequence = 0;  // of the query on its core
  std::vector<std::uint32_t> keys;
};

// To the dispatch of queries: how far one has come.
struct QueryEvent {
  enum class Kind : std::uint8_t { searched, drained, handed_over, completed };
  Kind kind = Kind::searched;
  Group* group = nullptr;
};

}  // namespace capcam
