// Tokens travel between the modules; they stand here in the order of the flow. A token says all that its reader needs,
// so that nobody looks past it into another module.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "capcam/candidate.h"
#include "core/cycle.h"
#include "engines/systemc/observers.h"
#include "kernels/bits.h"
#include "kernels/valid_keys.h"

namespace capcam::systemc {

// The query that a token belongs to.
struct QueryTag {
  std::uint32_t head = 0, query = 0;  // as in the workload
  std::uint32_t lane = 0;             // place in its group
  std::uint32_t head_number = 0;      // in the whole model: what noise is drawn by
  std::uint64_t sequence = 0;         // running number on its core
  double score_scale = 0.0;           // scale of its layer's softmax
  ValidKeys valid{0, 0, nullptr};     // the keys that it may keep

  Activity activity(std::uint32_t tile = Activity::none) const { return {head, query, tile}; }
};

// Dispatch -> merge, prefetch: the queries of a group enter association. A group is consecutive queries of a head that
// share the programming of its tiles.
struct GroupEntry {
  std::vector<QueryTag> queries;  // by lane
  bool last_of_head = false;
};

// A tile's segment to be programmed (as far as it is not yet) and searched.
struct Job {
  std::uint32_t tile = 0;
  std::uint32_t segment = 0;
  std::uint32_t keys = 0;       // lie in the array when it is searched
  std::uint32_t first_row = 0;  // first of the rows to be written
  std::uint64_t fetch = 0;      // running number of the programming job on its core, in job order

  std::uint32_t rows() const { return keys - first_row; }
  bool programs() const { return first_row < keys; }
};

// Dispatch -> key_programming: what an array does for a group.
struct ArrayWork {
  std::uint32_t head = 0, query = 0;    // the group's first
  std::vector<Job> jobs;                // at least one
  std::shared_ptr<const BitRows> keys;  // keys of the head, in the key SRAM; null if they come from the key stream
};

// Dispatch -> cam_array: the query buffer.
struct ArrayQueries {
  struct Query {
    QueryTag tag;
    std::vector<std::uint64_t> words;  // segment by segment
  };
  std::vector<Query> queries;  // queries of the group, by lane
};

// Key stream -> key_programming: the rows of one programming job have come from memory.
struct StreamedKeys {
  std::uint64_t fetch = 0;           // fetch of the job
  std::vector<std::uint64_t> words;  // row by row
};

// Key_programming -> key stream: the rows of a job are in the array, their place in the key SRAM is free.
struct StreamedKeysUsed {
  std::uint64_t fetch = 0;
};

// Key_programming -> cam_array: a tile's segment lies in the array.
struct ProgrammedTile {
  Job job;
  bool last_of_group = false;        // true if it is the last of the group for this array
  std::vector<std::uint64_t> words;  // bits of the rows from job.first_row on; the rows before are still there
};

// Cam_array -> dispatch: the array has done the last search of a group.
struct GroupSearched {
  std::uint32_t head = 0;
};

// Cam_array -> sensing: the matchlines of one search.
struct MatchCounts {
  QueryTag query;
  std::uint32_t tile = 0, segment = 0;
  std::vector<std::uint32_t> matches;        // matching cells of each row
  std::vector<std::int32_t> matching_cells;  // the sum of their capacitances' differences (CellMismatch); empty: none
};

// Sensing -> tile_selection: what the converters made of them.
struct Codes {
  QueryTag query;
  std::uint32_t tile = 0, segment = 0;
  std::uint32_t slot = 0;  // slot of the tile selection, if it is the last segment
  std::vector<std::uint32_t> codes;
};

// Tile_selection -> merge: the best keys of a tile for one query, best first.
struct TileCandidates {
  QueryTag query;
  std::uint32_t tile = 0;
  std::uint32_t array = 0, slot = 0;  // array and slot that it holds
  std::vector<Candidate> candidates;
};

// Merge -> dispatch: how far a group has come.
struct GroupProgress {
  enum class Kind : std::uint8_t { head_drained, handed_over };
  Kind kind = Kind::handed_over;
  std::uint32_t head = 0;
};

// Merge -> prefetch: a tile's candidates may need their value rows.
struct RowFetch {
  std::uint64_t sequence = 0;  // sequence of the query
  std::vector<std::uint32_t> keys;
};

// Merge -> prefetch: candidates that a merge has dropped.
struct RowDrop {
  std::uint64_t sequence = 0;
  std::vector<std::uint32_t> keys;  // ascending
};

// Merge -> prefetch: the keys that a query keeps, after its last merge. Queries without a valid key send none.
struct KeptRows {
  std::uint32_t head = 0;
  std::uint64_t sequence = 0;
  std::vector<std::uint32_t> keys;  // best first
};

// Merge -> softmax: the same with their scores. Without a valid key: none.
struct Selection {
  QueryTag query;
  Cycle handover = 0;
  std::vector<Candidate> keys;
};

// Softmax -> contextualization: the same with their softmax weights.
struct Weights {
  QueryTag query;
  std::vector<Candidate> keys;
  std::vector<float> weights;
};

// Prefetch -> contextualization: the value rows of the kept keys, all of them.
struct ValueRows {
  std::uint64_t sequence = 0;
  std::vector<std::uint32_t> keys;
  std::vector<float> values;  // [keys, value_dim]
};

// Contextualization -> prefetch: a query is done, its value rows may go.
struct QueryDone {
  std::uint64_t sequence = 0;
};

// Contextualization -> collector: what leaves the machine.
struct Output {
  std::uint32_t head = 0, query = 0;
  std::vector<Candidate> selection;
  std::vector<float> values;  // [value_dim]
};

// Memory -> whoever asked: a request is complete.
struct MemoryAnswer {
  std::uint64_t tag = 0;
};

}  // namespace capcam::systemc
