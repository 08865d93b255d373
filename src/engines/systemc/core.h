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

  Fifo<ArrayWork> work;         //                          dispatch ->
  Fifo<StreamedKeys> keys;      //                        key_stream ->
  Fifo<StreamedKeysUsed> used;  // -> key_stream
  std::unique_ptr<KeyProgramming> key_programming;
  Fifo<ProgrammedTile> tiles;
  Fifo<ArrayQueries> queries;    //                          dispatch ->
  Fifo<GroupSearched> searched;  // -> dispatch
  std::unique_ptr<CamArray> cam_array;
  Fifo<MatchCounts> matches;
  Slots slots;  // results between sensing and merge
  std::unique_ptr<Sensing> sensing;
  Fifo<Codes> codes;  // -> tile_selection
};

class Core final : public sc_core::sc_module {
 public:
  Core(const sc_core::sc_module_name& name, const Context& context, const StageMakers& make, MemoryIf& memory,
       std::vector<HeadStats>& heads);

  AnswerQueue keys_there, values_there;  //                            memory ->
  Dispatch dispatch;
  Fifo<GroupEntry> entries, entries_of_values;  // dispatch -> merge, prefetch
  std::optional<KeyStream> key_stream;          // only if keys do not fit the key SRAM
  std::vector<std::unique_ptr<Array>> arrays;
  std::unique_ptr<TileSelection> tile_selection;
  Fifo<TileCandidates> candidates;
  std::unique_ptr<Merge> merge;
  Fifo<GroupProgress> progress;  // -> dispatch
  Fifo<RowFetch> fetches;
  Fifo<RowDrop> drops;
  Fifo<KeptRows> kept;
  std::unique_ptr<Prefetch> prefetch;
  Fifo<ValueRows> rows;  // -> contextualization
  Fifo<Selection> selections;
  std::unique_ptr<Softmax> softmax;
  Fifo<Weights> weights;
  std::unique_ptr<Contextualization> contextualization;
  Fifo<QueryDone> done;       // -> prefetch
  Fifo<QueryDone> completed;  // -> dispatch
  Fifo<Output> outputs;       // -> collector

  // Every module, in the order of the flow.
  std::vector<const Module*> modules() const;

 private:
  void bind_dispatch(const Context& context, MemoryIf& memory);
  void bind_keys(const Context& context, MemoryIf& memory);
  void bind_association();
  void bind_values(const Context& context, MemoryIf& memory);
};

}  // namespace capcam::systemc
