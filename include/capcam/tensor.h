// A tensor of numbers that lies in memory or in a mapped file.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace capcam {

enum class Dtype { f32, f16, bf16, boolean, u8 };

std::string_view dtype_name(Dtype dtype);  // safetensors' name: F32, F16, BF16, BOOL, U8
std::size_t dtype_bytes(Dtype dtype);

// A view of one tensor, row-major, that is valid while its file is open.
struct Tensor {
  std::string name;
  Dtype dtype = Dtype::f32;
  std::vector<std::uint64_t> shape;
  std::span<const std::byte> bytes;

  std::uint64_t elements() const;
  // Reads the elements [first, first + out.size()) as fp32 (F16 and BF16 widen exactly; BOOL and U8 give 0, 1, ...).
  void read(std::uint64_t first, std::span<float> out) const;
};

}  // namespace capcam
