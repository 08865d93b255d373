// The block diagram of one core: stages and the channels between them, in the order of the flow.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engines/systemc/answer_queue.h"
#include "engines/systemc/dispatch.h"
#include "engines/systemc/key_stream.h"
#include "engines/systemc/stage_makers.h"

namespace capcam::systemc {

// One array of a core, from the keys that are written into it to the codes that leave its converters.
class Array final : public sc_core::sc_module {
 public:
  Array(const sc_core::sc_module_name& name, const Context& context, const StageMakers& make);

  // Dispatch and key stream say what to write; `used` goes back to the key stream.
  Fifo<ArrayWork> work;
  Fifo<StreamedKeys> keys;
  Fifo<StreamedKeysUsed> used;
  std::unique_ptr<KeyProgramming> key_programming;
  // Dispatch says what to search for; `searched` goes back to it.
  Fifo<ProgrammedTile> tiles;
  Fifo<ArrayQueries> queries;
  Fifo<GroupSearched> searched;
  std::unique_ptr<CamArray> cam_array;
  Fifo<MatchCounts> matches;
  std::unique_ptr<Sensing> sensing;
  // `codes` go to the tile selection; merge gives a slot back when it has stored a result.
  Fifo<Codes> codes;
  Slots slots;
};

class Core final : public sc_core::sc_module {
 public:
  Core(const sc_core::sc_module_name& name, const Context& context, const StageMakers& make, MemoryIf& memory,
       std::vector<HeadStats>& heads);

  // The memory answers here.
  AnswerQueue keys_there, values_there;
  // Groups of queries enter; merge and prefetch hear of them, and merge says how far they have come.
  Dispatch dispatch;
  Fifo<GroupEntry> entries, entries_of_values;
  Fifo<GroupProgress> progress;
  // Keys that do not fit the key SRAM are streamed.
  std::optional<KeyStream> key_stream;
  // Association.
  std::vector<std::unique_ptr<Array>> arrays;
  std::unique_ptr<TileSelection> tile_selection;
  Fifo<TileCandidates> candidates;
  std::unique_ptr<Merge> merge;
  // Merge says which value rows are wanted, which no longer and which are kept.
  Fifo<RowFetch> fetches;
  Fifo<RowDrop> drops;
  Fifo<KeptRows> kept;
  std::unique_ptr<Prefetch> prefetch;
  Fifo<ValueRows> rows;
  // Normalization.
  Fifo<Selection> selections;
  std::unique_ptr<Softmax> softmax;
  Fifo<Weights> weights;
  // Contextualization; prefetch and, in decode, dispatch hear of a query that is done.
  std::unique_ptr<Contextualization> contextualization;
  Fifo<QueryDone> done, completed;
  Fifo<Output> outputs;

  // Returns every module, in the order of the flow.
  std::vector<const Module*> modules() const;

 private:
  void bind_dispatch(const Context& context, MemoryIf& memory);
  void bind_keys(const Context& context, MemoryIf& memory);
  void bind_association();
  void bind_values(const Context& context, MemoryIf& memory);
};

}  // namespace capcam::systemc
