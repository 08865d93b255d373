// A bounded channel between two modules. A token carries the cycle at which it is there for the reader; a freed place
// carries the cycle from which the writer may use it again. So a writer may hand over what it will have finished later,
// and the reader wakes just then; or at once, if it can say without looking at the clock what it will make of the token
// and when: then neither waits for the other in simulated time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cassert>
#include <string>
#include <vector>

#include "engines/systemc/ledger.h"
#include "engines/systemc/stage.h"

namespace capcam {

template <class T>
class Fifo {
 public:
  Fifo(Clock& clock, std::size_t capacity)
      : clock_(clock), capacity_(capacity), places_(std::bit_ceil(capacity)), mask_(places_.size() - 1) {}
  Fifo(const Fifo&) = delete;
  Fifo& operator=(const Fifo&) = delete;

  void bind_writer(sc_core::sc_event& writer) { writer_ = &writer; }
  void bind_reader(sc_core::sc_event& reader) { reader_ = &reader; }
  void bind_reader_ahead(sc_core::sc_event& reader) {
    reader_ = &reader;
    reader_looks_ahead_ = true;
  }
  void watch(FillObserver* observer) { observer_ = observer; }

  // Writer. A place is known to be free (perhaps only later: free_from).
  // If not, the writer is woken when a place is released.
  bool can_push() {
    writer_waits_ = pushed_ - released_ >= capacity_;
    return !writer_waits_;
  }
  Cycle free_from() const { return pushed_ < capacity_ ? 0 : place(pushed_ - capacity_).free_from; }
  // The token to be pushed next: fill it in (what it held before is still in it, so vectors keep their memory), then
  // push.
  T& next() { return place(pushed_).token; }
  // There for the reader at `ready`, which must not be before free_from() nor before an earlier token's.
  void push(Cycle ready) {
    assert(fill() < capacity_ && ready >= free_from());
    place(pushed_++).ready = ready;
    if (observer_ != nullptr) observer_->filled(ready, +1);
    if (reader_ != nullptr) notify_at(clock_, *reader_, reader_looks_ahead_ ? clock_.now() : ready);
  }

  // Reader.
  bool has_token() const { return read_ < pushed_; }
  bool ready() const { return has_token() && place(read_).ready <= clock_.now(); }
  Cycle ready_at() const { return has_token() ? place(read_).ready : never; }
  T& front() { return place(read_).token; }
  // Takes the token but keeps its place until release().
  void take() {
    assert(has_token());
    ++read_;
  }
  // The place of the oldest token taken is free from `cycle` on.
  void release(Cycle cycle) {
    assert(released_ < read_);
    place(released_++).free_from = cycle;
    if (observer_ != nullptr) observer_->filled(cycle, -1);
    if (writer_waits_ && writer_ != nullptr) writer_->notify();
    writer_waits_ = false;
  }
  void pop() {
    take();
    release(clock_.now());
  }
  std::size_t fill() const { return pushed_ - released_; }

 private:
  struct Place {
    T token{};
    Cycle ready = 0;
    Cycle free_from = 0;
  };
  Place& place(std::uint64_t i) { return places_[i & mask_]; }
  const Place& place(std::uint64_t i) const { return places_[i & mask_]; }

  Clock& clock_;
  std::uint64_t capacity_;
  std::vector<Place> places_;  // a power of two, at least the capacity
  std::uint64_t mask_;
  std::uint64_t pushed_ = 0, read_ = 0, released_ = 0;
  sc_core::sc_event* writer_ = nullptr;
  sc_core::sc_event* reader_ = nullptr;
  bool writer_waits_ = false, reader_looks_ahead_ = false;
  FillObserver* observer_ = nullptr;
};

// Numbered slots that are given back out of order: the i-th taker needs the (i - count)-th to have been given back.
class Slots {
 public:
  explicit Slots(std::size_t count) : free_from_(count, 0) {}
  void bind_taker(sc_core::sc_event& taker) { taker_ = &taker; }
  void charge(SlotLedger& ledger) { ledger_ = &ledger; }  // a taken slot is a result that waits
  // If not, the taker is woken when a slot is given back.
  bool can_take() {
    taker_waits_ = free_from_[next_] == never;
    return !taker_waits_;
  }
  Cycle free_from() const { return free_from_[next_]; }
  std::uint32_t take() {
    const std::uint32_t slot = next_;
    free_from_[slot] = never;
    next_ = slot + 1 == free_from_.size() ? 0 : slot + 1;
    return slot;
  }
  void give(std::uint32_t slot, Cycle cycle) {
    free_from_[slot] = cycle;
    if (ledger_ != nullptr) ledger_->given_back(slot, cycle);
    if (taker_waits_ && taker_ != nullptr) taker_->notify();
    taker_waits_ = false;
  }

 private:
  std::vector<Cycle> free_from_;
  std::uint32_t next_ = 0;
  sc_core::sc_event* taker_ = nullptr;
  bool taker_waits_ = false;
  SlotLedger* ledger_ = nullptr;
};

}  // namespace capcam
