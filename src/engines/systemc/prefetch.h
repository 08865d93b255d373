// Fetches the value rows of candidates from DRAM into the value SRAM as tiles are selected. A row holds its slot until
// its candidate is dropped or its query is done.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <vector>

#include "capcam/run_stats.h"
#include "engines/systemc/dram.h"
#include "engines/systemc/fifo.h"
#include "engines/systemc/tokens.h"

namespace capcam {

class Prefetch final : public Stage, public DramClient {
 public:
  Prefetch(const sc_core::sc_module_name& name, Clock& clock, const Config& config, const Mapping& mapping,
           std::uint32_t value_dim, std::uint32_t core, Fifo<RowMessage>& fetches, Fifo<RowMessage>& drops,
           Fifo<RowMessage>& done, Dram& dram, ActionCounts& counts);
  void bind_waiting_reader(sc_core::sc_event& reader) { reader_ = &reader; }

  // A query has entered association (in order): from now on it may need slots.
  void enter(std::uint64_t sequence, std::uint32_t head = 0, std::uint32_t number = 0);
  // When all rows of the query's kept keys are in the value SRAM; never if that is not known yet (then the reader is
  // woken).
  Cycle rows_there(std::uint64_t sequence);
  std::string state() const override;
  void finish(Cycle end) { ledger.finish(end); }
  StateLedger ledger;

 private:
  struct Row {
    std::uint32_t key;
    std::uint32_t burst;  // of its query
  };
  struct Query {
    std::vector<Row> rows;                           // issued and not dropped, by key: each holds a slot
    std::vector<Cycle> arrivals;                     // of each burst issued; never: not known yet
    std::deque<std::vector<std::uint32_t>> waiting;  // keys of bursts not issued
    bool done = false;
    std::uint32_t head = 0, number = 0;  // of the head; for the log
  };
  void step() override;
  void granted(std::uint64_t tag, Cycle at) override;
  Query& query(std::uint64_t sequence) { return queries_[sequence - first_]; }
  std::uint64_t still_needs(const Query& query) const { return n_ > query.rows.size() ? n_ - query.rows.size() : 0; }
  std::uint64_t reserve_before(std::uint64_t sequence) const;
  void fetch(const RowMessage& message);
  void drop(const RowMessage& message);
  void done(const RowMessage& message);
  void issue_what_fits();
  void issue(std::uint64_t sequence, std::span<const std::uint32_t> keys);

  const std::uint32_t n_, core_;
  const std::uint64_t row_bytes_;
  const bool one_asks_;  // only one query asks at a time: decisions need not wait for the end of the cycle
  Fifo<RowMessage>& fetches_;
  Fifo<RowMessage>& drops_;
  Fifo<RowMessage>& done_;
  Dram& dram_;
  ActionCounts& counts_;
  sc_core::sc_event* reader_ = nullptr;
  bool reader_waits_ = false;
  std::uint64_t free_;
  std::deque<Query> queries_;  // unfinished, oldest first
  std::uint64_t first_ = 0;    // sequence of queries_.front()
  std::uint64_t waiting_ = 0;  // bursts of all queries
  bool changed_ = false;       // since bursts were last issued
};

}  // namespace capcam
