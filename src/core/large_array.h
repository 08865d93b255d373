// Memory for the large arrays of a head: not cleared, and in large pages where the system has them, because the first
// touch of each small page costs more than all that is done with its content.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>
#include <type_traits>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace capcam {

template <class T>
class LargeArray {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  LargeArray() = default;
  // The elements have no value yet.
  explicit LargeArray(std::size_t size) : size_(size), data_(allocate(size * sizeof(T))) {}

  std::size_t size() const { return size_; }
  T* data() { return data_.get(); }
  const T* data() const { return data_.get(); }
  T& operator[](std::size_t i) { return data_.get()[i]; }
  const T& operator[](std::size_t i) const { return data_.get()[i]; }
  T* begin() { return data(); }
  T* end() { return data() + size_; }
  const T* begin() const { return data(); }
  const T* end() const { return data() + size_; }

 private:
  struct Free {
    void operator()(T* memory) const { std::free(memory); }
  };
  static T* allocate(std::size_t bytes) {
    constexpr std::size_t page = std::size_t{1} << 21;  // the usual large page
    const std::size_t alignment = bytes >= 2 * page ? page : 64;
    const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
    void* const memory = std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded);
    if (memory == nullptr) throw std::bad_alloc();
#if defined(__linux__)
    if (alignment == page) ::madvise(memory, rounded, MADV_HUGEPAGE);  // if it fails, small pages do the same
#endif
    return static_cast<T*>(memory);
  }

  std::size_t size_ = 0;
  std::unique_ptr<T, Free> data_;
};

}  // namespace capcam
