// Saves and restores the state of a core as a row of numbers. The row is the same for any two states from which the
// core goes on alike: times are relative to now, numbers of queries and groups are relative to the waiting group's.
//
// A state describes its fields once, each by its role:
//
//   static void describe(auto& v, auto& s) {
//     v.number(s.occupied);    // a plain number or flag
//     v.time(s.free);          // a time; one that is past is as good as now
//     v.query(s.next_handed);  // the number of a query, relative to the waiting group's first
//     v.transient(s.opened);   // is not kept: a restored state has it as a new one does
//   }
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/cycle.h"
#include "engines/fast/core/window.h"
#include "engines/fast/schedule/profile.h"

namespace capcam::fast {

struct SavedState {
  std::vector<std::int64_t> numbers;
  std::vector<ProfilePointer> profiles;  // profiles of the groups in flight
};

// The moment of a state: a group waits to begin.
struct Moment {
  Cycle now = 0;
  std::uint64_t group = 0;        // the group that waits
  std::uint64_t first_query = 0;  // first query of that group
  Cycle reach = 0;                // cycles after which every request that was made is answered
};

class StateCodec {
 public:
  // Saves into an empty state, or restores from a saved one.
  StateCodec(SavedState* into, const Moment& moment) : into_(into), moment_(moment) {}
  StateCodec(const SavedState* from, const Moment& moment) : from_(from), moment_(moment) {}

  const Moment& moment() const { return moment_; }

  template <class... T>
  void number(T&... values) {
    (one_number(values), ...);
  }
  template <class... T>
  void time(T&... times) {
    (one_time(times, 0), ...);
  }
  // Describes a time that matters even if it is past.
  template <class... T>
  void exact_time(T&... times) {
    (one_time(times, -never), ...);
  }
  // Describes the time of a request, which matters as long as its answer may be on its way.
  void request_time(Cycle& time) { one_time(time, -moment_.reach); }
  // Describes a time in `units` per cycle.
  void fine_time(Cycle& time, Cycle units) {
    Cycle beyond = reads() ? 0 : std::max<Cycle>(0, time - moment_.now * units);
    number(beyond);
    if (reads()) time = moment_.now * units + beyond;
  }
  // Describes times up to which something is accounted for: they are now.
  template <class... T>
  void clock(T&... times) {
    if (reads()) ((times = moment_.now), ...);
  }
  template <class... T>
  void transient(T&...) {}

  void query(std::uint64_t& number) { relative(number, moment_.first_query); }
  void optional_query(std::optional<std::uint64_t>& number) {
    if (present(number)) query(*number);
  }
  void group(std::uint64_t& number) { relative(number, moment_.group); }
  // Describes a number that counts from `base`.
  void relative(std::uint64_t& value, std::uint64_t base) {
    std::uint64_t difference = value - base;
    number(difference);
    if (reads()) value = difference + base;
  }
  // Describes a place in a window that ends there (both modulo 2^32), or no_place.
  void place(std::uint32_t& value, std::uint64_t end) {
    const auto back = [end](std::uint32_t n) { return n == no_place ? no_place : static_cast<std::uint32_t>(end) - n; };
    std::uint32_t distance = back(value);
    number(distance);
    if (reads()) value = back(distance);
  }
  void profile(ProfilePointer& pointer) {
    std::uint32_t id = pointer == nullptr ? 0 : pointer->id;
    number(id);
    if (reads()) {
      pointer = from_->profiles[next_profile_++];
    } else {
      into_->profiles.push_back(pointer);
    }
  }

  // Describes the whole state of a component. A restored one begins as a new one.
  template <class T>
  void state(T& state) {
    if (reads()) state = T{};
    T::describe(*this, state);
  }
  // Describe structs within a state. `more` is handed on to their describe().
  template <class T, class... More>
  void part(T& part, const More&... more) {
    T::describe(*this, part, more...);
  }
  template <class T, class... More>
  void optional(std::optional<T>& part, const More&... more) {
    if (present(part)) T::describe(*this, *part, more...);
  }
  template <class T, class... More>
  void list(std::vector<T>& list, const More&... more) {
    size_of(list);
    for (T& element : list) T::describe(*this, element, more...);
  }
  void queries(std::vector<std::uint64_t>& list) {
    size_of(list);
    for (std::uint64_t& number : list) query(number);
  }
  // Describes a window whose elements' numbers matter only by their differences.
  template <class T, class... More>
  void window(Window<T>& window, const More&... more) {
    numbered_window(window, renumbered, more...);
  }
  // Describes a window that ends before this number.
  template <class T, class... More>
  void numbered_window(Window<T>& window, std::uint64_t end, const More&... more) {
    std::uint64_t size = window.size();
    number(size);
    if (reads()) {
      window.restart(end - size);
      for (std::uint64_t i = 0; i != size; ++i) window.push_back({});
    }
    for (std::uint64_t i = window.begin(); i != window.end(); ++i) T::describe(*this, window[i], more...);
  }

 private:
  // The end of restored windows: it is beyond any depth, and its low 32 bits are far from no_place.
  static constexpr std::uint64_t renumbered = (std::uint64_t{1} << 40) + (std::uint64_t{1} << 20);

  bool reads() const { return from_ != nullptr; }
  template <class T>
  void one_number(T& value) {
    if (reads()) {
      value = static_cast<T>(from_->numbers[at_++]);
    } else {
      into_->numbers.push_back(static_cast<std::int64_t>(value));
    }
  }
  void one_time(Cycle& value, Cycle floor) {
    Cycle relative = value == never || reads() ? never : std::max(value - moment_.now, floor);
    number(relative);
    if (reads()) value = relative == never ? never : relative + moment_.now;
  }
  template <class T>
  bool present(std::optional<T>& value) {
    bool has = value.has_value();
    number(has);
    if (reads() && has) value.emplace();
    return has;
  }
  template <class T>
  void size_of(std::vector<T>& list) {
    std::size_t size = list.size();
    number(size);
    if (reads()) list.assign(size, T{});
  }

  SavedState* into_ = nullptr;
  const SavedState* from_ = nullptr;
  Moment moment_;
  std::size_t at_ = 0;
  std::size_t next_profile_ = 0;
};

}  // namespace capcam::fast
