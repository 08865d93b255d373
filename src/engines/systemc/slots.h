// Results that wait hold numbered slots. Slots are taken in turn and given back out of order: the i-th taker needs the
// (i - count)-th to have been given back.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <vector>

#include "capcam/error.h"
#include "engines/systemc/clock.h"
#include "engines/systemc/ledger.h"

namespace capcam::systemc {

class SlotTakeIf : public virtual sc_core::sc_interface {
 public:
  // Returns true if it is known when the next slot is free; if not, given() is notified when it is.
  virtual bool can_take() = 0;
  // Returns the cycle from which the next slot is free.
  virtual Cycle free_from() const = 0;
  // Takes the next slot and returns its number.
  virtual std::uint32_t take() = 0;
  virtual const sc_core::sc_event& given() const = 0;
};

class SlotGiveIf : public virtual sc_core::sc_interface {
 public:
  // Frees the slot from `cycle` on.
  virtual void give(std::uint32_t slot, Cycle cycle) = 0;
};

class SlotWatchIf : public virtual sc_core::sc_interface {
 public:
  // A taken slot is a result that waits: the ledger is told when it is given back.
  virtual void charge(SlotLedger& ledger) = 0;
};

class Slots final : public sc_core::sc_object, public SlotTakeIf, public SlotGiveIf, public SlotWatchIf {
 public:
  Slots(const char* name, std::size_t count) : sc_object(name), free_from_(count, 0) {}
  const char* kind() const override { return "capcam_slots"; }

  bool can_take() override {
    taker_waits_ = free_from_[next_] == never;
    return !taker_waits_;
  }
  Cycle free_from() const override { return free_from_[next_]; }
  std::uint32_t take() override {
    if (free_from_[next_] == never) throw LawBroken(fmt::format("{}: slot {} is taken twice", name(), next_));
    const std::uint32_t slot = next_;
    free_from_[slot] = never;
    next_ = slot + 1 == free_from_.size() ? 0 : slot + 1;
    return slot;
  }
  const sc_core::sc_event& given() const override { return given_; }
  void give(std::uint32_t slot, Cycle cycle) override {
    if (slot >= free_from_.size() || free_from_[slot] != never)
      throw LawBroken(fmt::format("{}: slot {} is given back but was not taken", name(), slot));
    free_from_[slot] = cycle;
    if (ledger_ != nullptr) ledger_->given_back(slot, cycle);
    if (!taker_waits_) return;
    taker_waits_ = false;
    given_.notify();
  }
  void charge(SlotLedger& ledger) override { ledger_ = &ledger; }

 private:
  std::vector<Cycle> free_from_;
  std::uint32_t next_ = 0;
  sc_core::sc_event given_;
  bool taker_waits_ = false;
  SlotLedger* ledger_ = nullptr;
};

class SlotTakePort : public sc_core::sc_port<SlotTakeIf> {
 public:
  explicit SlotTakePort(const char* name) : sc_port(name) {}
  sc_core::sc_event_finder& given() { return given_; }

 private:
  sc_core::sc_event_finder_t<SlotTakeIf> given_{*this, &SlotTakeIf::given};
};

}  // namespace capcam::systemc
