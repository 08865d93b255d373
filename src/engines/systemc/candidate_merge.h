// The candidate registers of a core, one a lane, and the unit that merges them down to n: in the shadow of association
// when a register is full, and a last time when a query is handed over to the softmax.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "capcam/run_stats.h"
#include "engines/systemc/fifo.h"
#include "engines/systemc/tokens.h"

namespace capcam {

class CandidateMerge final : public Stage {
 public:
  struct Channels {
    Fifo<Group*>& groups;  // entering association, in order
    Fifo<TileCandidates>& candidates;
    std::vector<Slots*> slots;  // of each array
    Fifo<RowMessage>* fetches;  // nullptr: value rows are in the SRAM
    Fifo<RowMessage>* drops;
    Fifo<QueryEvent>& events;  // to the dispatch: drained, handed over
    Fifo<Selection>& selections;
  };
  CandidateMerge(const sc_core::sc_module_name& name, Clock& clock, const Config& config, const Mapping& mapping,
                 Channels channels, ActionCounts& counts);
  std::string state() const override;
  void finish(Cycle end) {
    association.finish(end);
    merge.finish(end);
  }
  Ledger association;  // the coarse stage, from entry to handover
  Ledger merge;

 private:
  struct Query {
    Group* group;
    std::uint32_t lane;
    Cycle entry;
    std::uint32_t next_tile;  // the next to be stored; mapping.tiles: all are
    bool owns_register;       // the lane's previous query has been handed over
    std::vector<Candidate> candidates{};
    std::uint32_t occupied = 0;           // entries, as seen by the next write
    bool merge_requested = false;         // a shadow merge has not begun yet
    Cycle settled = 0;                    // last write, end of the last shadow merge
    std::vector<TileCandidates> early{};  // arrived before their turn
  };
  struct Request {
    Cycle at;
    std::uint64_t sequence;
    bool last;
  };
  void step() override;
  bool accept_groups();
  bool accept_candidates();
  bool store_what_fits();
  bool store_early(Query& query);
  bool can_store(const Query& query, const TileCandidates& tile) const;
  void store(Query& query, const TileCandidates& tile);
  bool drain();
  bool hand_over();
  bool begin_merge();
  void begin_shadow_merge(Query& query);
  void begin_last_merge(Query& query);
  void pass_on(Query& query, Cycle ready);
  void send_dropped(std::uint64_t sequence, std::vector<Candidate>::const_iterator from,
                    std::vector<Candidate>::const_iterator to);
  Query& query(std::uint64_t sequence) { return queries_[sequence - first_]; }

  const Mapping& mapping_;
  const TopNParams params_;
  const std::uint32_t tile_candidates_;  // most candidates a tile can bring
  const bool decide_late_;               // several queries may ask for the merge unit in one cycle
  Channels channels_;
  ActionCounts& counts_;
  std::deque<Query> queries_;  // entered and not handed over, oldest first
  std::uint64_t first_ = 0;    // sequence of queries_.front()
  std::size_t drained_ = 0;    // of queries_, how many
  std::vector<Request> requests_;
  bool last_merge_requested_ = false;
  Cycle unit_free_ = 0;
};

}  // namespace capcam
