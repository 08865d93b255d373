// Where the cycles of one unit of a stage go: busy, starved or blocked. Each piece of time is told once, to the
// counters and to whoever watches (waveform, timeline).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>

#include "engines/systemc/stage.h"

namespace capcam {

enum class UnitState : std::uint8_t { starved = 0, busy = 1, blocked = 2 };

// What a unit works on, for people who watch.
struct Activity {
  static constexpr std::uint32_t none = 0xffffffff;
  std::uint32_t head = none, query = none, tile = none;
};

class StateObserver {
 public:
  virtual ~StateObserver() = default;
  // Pieces come in order of time and do not overlap; what is left out is starved.
  virtual void spent(UnitState state, Cycle from, Cycle to, const Activity& activity) = 0;
};

class FillObserver {
 public:
  virtual ~FillObserver() = default;
  virtual void filled(Cycle at, int change) = 0;
};

class Ledger {
 public:
  void watch(StateObserver* observer) { observer_ = observer; }

  // Works in [from, to); its result then waits until `until`. Calls come in order of `from`; where pieces overlap, busy
  // counts before blocked, and nothing counts twice.
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
  std::uint64_t busy() const { return busy_; }
  std::uint64_t blocked() const { return blocked_; }
  std::uint64_t starved() const { return end_ - busy_ - blocked_; }

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

  std::uint64_t busy_ = 0, blocked_ = 0;
  Cycle known_ = 0;  // accounted for up to here
  Cycle hold_ = 0;   // a finished result waits at least until here
  Cycle end_ = 0;
  Activity last_{};
  StateObserver* observer_ = nullptr;
};

// The same for a unit whose results hold a slot each and wait until that is given back, which is known only then.
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

// The same for a unit whose state is told as it changes: it is blocked while something waits, else busy until what it
// started last is over.
class StateLedger {
 public:
  void watch(StateObserver* observer) { observer_ = observer; }
  void set_waiting(Cycle now, bool waiting) {
    settle(now);
    waiting_ = waiting;
  }
  void busy_until(Cycle now, Cycle until) {
    settle(now);
    busy_until_ = std::max(busy_until_, until);
  }
  void finish(Cycle end) {
    settle(end);
    end_ = end;
  }
  std::uint64_t busy() const { return busy_; }
  std::uint64_t blocked() const { return blocked_; }
  std::uint64_t starved() const { return end_ - busy_ - blocked_; }

 private:
  void settle(Cycle now) {
    if (now <= known_) return;
    const Cycle until = waiting_ ? now : std::min(now, busy_until_);
    if (until > known_) {
      (waiting_ ? blocked_ : busy_) += until - known_;
      if (observer_ != nullptr) observer_->spent(waiting_ ? UnitState::blocked : UnitState::busy, known_, until, {});
    }
    known_ = now;
  }
  std::uint64_t busy_ = 0, blocked_ = 0;
  Cycle known_ = 0, busy_until_ = 0, end_ = 0;
  bool waiting_ = false;
  StateObserver* observer_ = nullptr;
};

}  // namespace capcam
