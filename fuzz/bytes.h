// Numbers out of the bytes of an input; zeros once they are used up.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace capcam::fuzz {

class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : left_(data, size) {}

  bool empty() const { return left_.empty(); }

  template <class Number>
  Number take() {
    Number number{};
    const std::size_t taken = left_.size() < sizeof number ? left_.size() : sizeof number;
    if (taken > 0) std::memcpy(&number, left_.data(), taken);
    left_ = left_.subspan(taken);
    return number;
  }

 private:
  std::span<const std::uint8_t> left_;
};

}  // namespace capcam::fuzz
