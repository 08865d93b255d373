// The block diagram of one core: stages and the channels between them, in the order of the flow.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engines/systemc/cam_array.h"
#include "engines/systemc/candidate_merge.h"
#include "engines/systemc/dispatch.h"
#include "engines/systemc/key_programming.h"
#include "engines/systemc/key_stream.h"
#include "engines/systemc/prefetch.h"
#include "engines/systemc/sensing.h"
#include "engines/systemc/softmax.h"
#include "engines/systemc/tile_selection.h"
#include "engines/systemc/value_accumulate.h"

namespace capcam {

// What all cores of a machine share.
struct Machine {
  Clock& clock;
  const Workload& workload;
  const Config& config;
  const Mapping& mapping;
  const Sensing& sensing;
  Dram& dram;
  ResultSink& sink;
  RunStats& stats;
};

// An array of a core with its programming and its converters.
class ArrayUnit final : public sc_core::sc_module {
 public:
  ArrayUnit(const sc_core::sc_module_name& name, const Machine& machine, std::uint32_t core, std::uint32_t array,
            KeyStream* stream);

  const CellMismatch cells;
  const ConverterMismatch converters;
  Fifo<Group*> groups;         // -> key_programming
  Fifo<ProgrammedTile> tiles;  // key_programming -> cam_array
  Fifo<MatchCounts> matches;   // cam_array -> sensing
  Slots slots;                 // of the results between sensing and the candidate registers
  Fifo<Codes> codes;           // sensing ->
  Fifo<QueryEvent> searched;   // cam_array -> dispatch
  KeyProgramming key_programming;
  CamArray cam_array;
  SensingStage sensing;
};

class Core final : public sc_core::sc_module {
 public:
  Core(const sc_core::sc_module_name& name, const Machine& machine, std::uint32_t core);

  GroupSource source;
  std::unique_ptr<KeyStream> key_stream;  // only if keys do not fit
  std::vector<std::unique_ptr<ArrayUnit>> arrays;
  std::unique_ptr<TileSelection> tile_selection;
  Fifo<TileCandidates> candidates;
  Fifo<Group*> registers;
  std::unique_ptr<CandidateMerge> candidate_merge;
  Fifo<QueryEvent> events;
  Fifo<RowMessage> fetches, drops, done;
  std::unique_ptr<Prefetch> prefetch;  // only if value rows come from DRAM
  Fifo<Selection> selections;
  std::unique_ptr<SoftmaxStage> softmax;
  Fifo<Weights> weights;
  Fifo<QueryEvent> completed;  // only in decode
  std::unique_ptr<ValueAccumulate> value_accumulate;
  std::unique_ptr<Dispatch> dispatch;

  void start();
  // Every module, in the order of the flow.
  std::vector<Stage*> stages();
};

}  // namespace capcam
