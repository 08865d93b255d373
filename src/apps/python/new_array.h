// An array that is made here and handed to numpy without a copy.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <numeric>
#include <span>
#include <vector>

namespace capcam::python {

// The array is row-major and zero at first.
template <class T>
class NewArray {
 public:
  explicit NewArray(const std::vector<std::uint64_t>& shape)
      : shape_(shape.begin(), shape.end()),
        size_(std::accumulate(shape_.begin(), shape_.end(), std::size_t{1}, std::multiplies<>())),
        data_(std::make_unique<T[]>(size_)) {}

  std::span<T> values() { return {data_.get(), size_}; }

  // Gives the memory away. Needs Python's lock.
  nanobind::object to_numpy() {
    T* data = data_.get();
    const nanobind::capsule owner(data, [](void* memory) noexcept { delete[] static_cast<T*>(memory); });
    data_.release();
    return nanobind::cast(nanobind::ndarray<nanobind::numpy, T>(data, shape_.size(), shape_.data(), owner));
  }

 private:
  std::vector<std::size_t> shape_;
  std::size_t size_;
  std::unique_ptr<T[]> data_;
};

}  // namespace capcam::python
