// A bounded channel connects two modules by the ports below. Nothing blocks: a module that finds the channel empty or
// full is woken by its event.
//
// A token carries the cycle at which it is there for the reader. So a writer may hand over what it will have finished
// later, and the reader sees it then and not before. A freed place carries the cycle from which the writer may use it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <bit>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "capcam/error.h"
#include "engines/systemc/clock.h"
#include "engines/systemc/observers.h"

namespace capcam::systemc {

template <class T>
class ReadIf : public virtual sc_core::sc_interface {
 public:
  // Returns the oldest token if it is there now. Otherwise returns null, and written() is notified when it is.
  virtual T* front() = 0;
  // Returns when the oldest token is or was there; never if there is none.
  virtual Cycle ready_at() const = 0;
  // Takes the oldest token, which must be there; its place is free from `free_from` on, which must not be past.
  virtual void take(Cycle free_from) = 0;
  // Takes the oldest token; its place is free at once.
  virtual void pop() = 0;
  // This event is notified when the oldest token is there.
  virtual const sc_core::sc_event& written() const = 0;
};

template <class T>
class WriteIf : public virtual sc_core::sc_interface {
 public:
  // Returns the token to be pushed next, to be filled in first. What it held before is still in it, so vectors keep
  // their memory. Returns null if every place is taken; freed() is notified when one is not.
  virtual T* place() = 0;
  // Returns the cycle from which that place may be used, which may lie ahead.
  virtual Cycle free_from() const = 0;
  // The token is there for the reader at `ready`, which is not past, not before free_from() and not before the token
  // pushed last.
  virtual void push(Cycle ready) = 0;
  virtual const sc_core::sc_event& freed() const = 0;
};

template <class T>
class Fifo final : public sc_core::sc_object, public ReadIf<T>, public WriteIf<T> {
 public:
  Fifo(const char* name, Clock& clock, std::size_t capacity)
      : sc_object(name),
        clock_(clock),
        capacity_(capacity),
        places_(std::bit_ceil(capacity)),
        mask_(places_.size() - 1) {}
  const char* kind() const override { return "capcam_fifo"; }

  T* front() override {
    if (taken_ == pushed_) return nullptr;
    Place& oldest = at(taken_);
    return oldest.ready <= clock_.now() ? &oldest.token : nullptr;
  }
  Cycle ready_at() const override { return taken_ == pushed_ ? never : at(taken_).ready; }
  void take(Cycle free_from) override {
    if (taken_ == pushed_ || at(taken_).ready > clock_.now()) broken("a token is taken that is not there", free_from);
    if (free_from < clock_.now()) broken("a place is free in the past", free_from);
    at(taken_++).free_from = free_from;
    if (observer_ != nullptr) observer_->filled(free_from, -1);
    if (writer_waits_) {
      writer_waits_ = false;
      freed_.notify();
    }
    if (taken_ != pushed_ && at(taken_).ready > clock_.now()) notify_at(clock_, written_, at(taken_).ready);
  }
  void pop() override { take(clock_.now()); }
  const sc_core::sc_event& written() const override { return written_; }

  T* place() override {
    writer_waits_ = pushed_ - taken_ >= capacity_;
    return writer_waits_ ? nullptr : &at(pushed_).token;
  }
  Cycle free_from() const override { return pushed_ < capacity_ ? 0 : at(pushed_ - capacity_).free_from; }
  void push(Cycle ready) override {
    if (pushed_ - taken_ >= capacity_) broken("a token is pushed into a full channel", ready);
    if (ready < clock_.now()) broken("a token comes in the past", ready);
    if (ready < free_from()) broken("a token comes before its place is free", ready);
    if (ready < last_ready_) broken("a token overtakes the one before it", ready);
    last_ready_ = ready;
    Place& place = at(pushed_++);
    place.ready = ready;
    if (disturb_) disturb_(place.token);
    if (observer_ != nullptr) observer_->filled(ready, +1);
    if (pushed_ - taken_ == 1) notify_at(clock_, written_, ready);
  }
  const sc_core::sc_event& freed() const override { return freed_; }

  std::size_t fill() const { return pushed_ - taken_; }
  void watch(FillObserver* observer) { observer_ = observer; }
  // Tests put a fault on the wires: it is called with every token that is pushed.
  void disturb(std::function<void(T&)> fault) { disturb_ = std::move(fault); }

  // A channel has one reader and one writer.
  void register_port(sc_core::sc_port_base& port, const char* type) override {
    const bool reads = std::string(type) == typeid(ReadIf<T>).name();
    const char*& other = reads ? reader_ : writer_;
    if (other != nullptr)
      throw LawBroken(fmt::format("{}: {} and {} are both bound as its {}", name(), other, port.name(),
                                  reads ? "reader" : "writer"));
    other = port.name();
  }

 private:
  struct Place {
    T token{};
    Cycle ready = 0;
    Cycle free_from = 0;
  };
  Place& at(std::uint64_t i) { return places_[i & mask_]; }
  const Place& at(std::uint64_t i) const { return places_[i & mask_]; }
  [[noreturn]] void broken(const char* what, Cycle cycle) const {
    throw LawBroken(fmt::format("{}: {} (for cycle {}, at cycle {}, {} of {} places taken)", name(), what, cycle,
                                clock_.now(), fill(), capacity_));
  }

  Clock& clock_;
  std::uint64_t capacity_;
  std::vector<Place> places_;  // their number is a power of two, at least the capacity
  std::uint64_t mask_;
  std::uint64_t pushed_ = 0, taken_ = 0;
  Cycle last_ready_ = 0;
  sc_core::sc_event written_, freed_;
  bool writer_waits_ = false;
  FillObserver* observer_ = nullptr;
  std::function<void(T&)> disturb_;
  const char* reader_ = nullptr;
  const char* writer_ = nullptr;
};

// A port must be bound unless its policy is optional_port. N = 0 lets it bind to any number of channels.
inline constexpr sc_core::sc_port_policy optional_port = sc_core::SC_ZERO_OR_MORE_BOUND;

template <class T, int N = 1, sc_core::sc_port_policy POLICY = sc_core::SC_ONE_OR_MORE_BOUND>
class In : public sc_core::sc_port<ReadIf<T>, N, POLICY> {
 public:
  explicit In(const char* name) : sc_core::sc_port<ReadIf<T>, N, POLICY>(name) {}
  bool bound() const { return this->size() > 0; }
  sc_core::sc_event_finder& written() { return written_; }

 private:
  sc_core::sc_event_finder_t<ReadIf<T>> written_{*this, &ReadIf<T>::written};
};

template <class T, int N = 1, sc_core::sc_port_policy POLICY = sc_core::SC_ONE_OR_MORE_BOUND>
class Out : public sc_core::sc_port<WriteIf<T>, N, POLICY> {
 public:
  explicit Out(const char* name) : sc_core::sc_port<WriteIf<T>, N, POLICY>(name) {}
  bool bound() const { return this->size() > 0; }
  sc_core::sc_event_finder& freed() { return freed_; }
  // Returns place() of a channel that is large enough for all that can be under way: a full one is a broken law.
  T& next(std::size_t channel = 0) {
    T* const place = (*this)[static_cast<int>(channel)]->place();
    if (place == nullptr) throw LawBroken(fmt::format("{}: every place of its channel is taken", this->name()));
    return *place;
  }

 private:
  sc_core::sc_event_finder_t<WriteIf<T>> freed_{*this, &WriteIf<T>::freed};
};

}  // namespace capcam::systemc
