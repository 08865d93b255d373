// The last few elements of a numbered sequence: new ones join at the end, finished ones leave at the front, and each is
// found by its number.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace capcam::fast {

// The low 32 bits of an element's number where there is none.
inline constexpr std::uint32_t no_place = ~std::uint32_t{0};

template <class T>
class Window {
 public:
  std::uint64_t begin() const { return begin_; }
  std::uint64_t end() const { return end_; }
  bool empty() const { return begin_ == end_; }
  std::uint64_t size() const { return end_ - begin_; }

  T& operator[](std::uint64_t number) { return ring_[number & (ring_.size() - 1)]; }
  const T& operator[](std::uint64_t number) const { return ring_[number & (ring_.size() - 1)]; }
  T& front() { return (*this)[begin_]; }
  T& back() { return (*this)[end_ - 1]; }

  T& push_back(T value) {
    if (size() == ring_.size()) grow();
    T& place = (*this)[end_++];
    place = std::move(value);
    return place;
  }
  void pop_front() { (*this)[begin_++] = T{}; }
  // Empties the window; the next element has this number.
  void restart(std::uint64_t number) {
    while (!empty()) pop_front();
    begin_ = end_ = number;
  }

 private:
  void grow() {
    std::vector<T> larger(ring_.empty() ? 4 : ring_.size() * 2);
    for (std::uint64_t number = begin_; number != end_; ++number) {
      larger[number & (larger.size() - 1)] = std::move((*this)[number]);
    }
    ring_ = std::move(larger);
  }

  std::vector<T> ring_;  // its size is a power of two
  std::uint64_t begin_ = 0;
  std::uint64_t end_ = 0;
};

}  // namespace capcam::fast
