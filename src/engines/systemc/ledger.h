// A ledger counts where the cycles of one unit of a stage go: busy, starved or blocked. Each piece of time is told
// once, to the counters and to whoever watches (waveform, timeline).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>

#include "core/cycle.h"
#include "engines/systemc/observers.h"

namespace capcam::systemc {

class Ledger {
 public:
  void watch(StateObserver* observer) { observer_ = observer; }

  // The unit works in [from, to); its result then waits until `until`. Calls come in order of `from`; where pieces
  // overlap, busy counts before blocked, and nothing counts twice.
  void work(Cycle from, Cycle to, Cycle until, const Activity& activity) {
    settle(from);
    if (to > known_) spend(UnitState::busy, std::max(from, known_), to, activity);
    known_ = std::max({known_, from, to});
    last_ = activity;
    wait_until(until);
  }

  void wait_until(Cycle until) { hold_ = std::max(hold_, until); }

  // Closes the books at the end of the run.
  void finish(Cycle end) {
    settle(end);
    if (known_ > end) busy_ -= known_ - end;  // the last piece of work outlived the run
    end_ = end;
  }
  Cycle busy() const { return busy_; }
  Cycle blocked() const { return blocked_; }
  Cycle starved() const { return end_ - busy_ - blocked_; }

 private:
  // Between the last work and `from` a result that still waits blocks the unit.
  void settle(Cycle from) {
    if (from <= known_) return;
    const Cycle blocked_to = std::min(from, hold_);
    if (blocked_to > known_) spend(UnitState::blocked, known_, blocked_to, last_);
    known_ = from;
  }
  void spend(UnitState state, Cycle from, Cycle to, const Activity& activity) {
    (state == UnitState::busy ? busy_ : blocked_) += to - from;
    if (observer_ != nullptr) observer_->spent(state, from, to, activity);
  }

  Cycle busy_ = 0, blocked_ = 0;
  Cycle known_ = 0;  // accounted for up to here
  Cycle hold_ = 0;   // a finished result waits at least until here
  Cycle end_ = 0;
  Activity last_{};
  StateObserver* observer_ = nullptr;
};

// This ledger is of a unit whose results hold a slot each and wait until it is given back, which is known only then.
class SlotLedger : public Ledger {
 public:
  static constexpr std::uint32_t no_slot = 0xffffffff;  // the result waits for nothing

  void work(Cycle from, Cycle to, std::uint32_t slot, const Activity& activity) {
    pieces_.push_back({from, to, slot == no_slot ? to : never, slot, activity});
    pass_on();
  }
  void given_back(std::uint32_t slot, Cycle cycle) {
    const auto piece = std::find_if(pieces_.begin(), pieces_.end(),
                                    [slot](const Piece& p) { return p.slot == slot && p.until == never; });
    if (piece == pieces_.end()) return;  // taken for what never came
    piece->until = cycle;
    pass_on();
  }
  void finish(Cycle end) {
    for (Piece& piece : pieces_) piece.until = std::min(piece.until, end);
    pass_on();
    Ledger::finish(end);
  }

 private:
  struct Piece {
    Cycle from, to, until;
    std::uint32_t slot;
    Activity activity;
  };
  void pass_on() {
    for (; !pieces_.empty() && pieces_.front().until != never; pieces_.pop_front()) {
      const Piece& piece = pieces_.front();
      Ledger::work(piece.from, piece.to, piece.until, piece.activity);
    }
  }
  std::deque<Piece> pieces_;  // from the first whose wait is not over
};

// This ledger is of a unit whose state is told as it changes: it is blocked while something waits, else busy while
// something is under way.
class StateLedger {
 public:
  void watch(StateObserver* observer) { observer_ = observer; }
  void set_waiting(Cycle now, bool waiting) {
    settle(now);
    waiting_ = waiting;
  }
  void set_under_way(Cycle now, bool under_way) {
    settle(now);
    under_way_ = under_way;
  }
  void finish(Cycle end) {
    settle(end);
    end_ = end;
  }
  Cycle busy() const { return busy_; }
  Cycle blocked() const { return blocked_; }
  Cycle starved() const { return end_ - busy_ - blocked_; }

 private:
  void settle(Cycle now) {
    if (now <= known_) return;
    if (waiting_ || under_way_) {
      (waiting_ ? blocked_ : busy_) += now - known_;
      if (observer_ != nullptr) observer_->spent(waiting_ ? UnitState::blocked : UnitState::busy, known_, now, {});
    }
    known_ = now;
  }

  Cycle busy_ = 0, blocked_ = 0;
  Cycle known_ = 0, end_ = 0;
  bool waiting_ = false, under_way_ = false;
  StateObserver* observer_ = nullptr;
};

}  // namespace capcam::systemc
