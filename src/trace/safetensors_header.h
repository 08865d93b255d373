// Reads and checks the JSON header of a safetensors file without trusting a byte of it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/printable.h"
#include "trace/safetensors.h"

namespace capcam {

struct SafetensorsHeader {
  struct Entry {
    Dtype dtype = Dtype::f32;
    std::vector<std::uint64_t> shape;
    std::uint64_t begin = 0;  // bytes from the start of the data section
    std::uint64_t end = 0;
  };
  std::map<std::string, Entry> tensors;
  std::map<std::string, std::string> metadata;
  // Has the dtype of each tensor whose dtype the format has and no trace has; such tensors are not in `tensors`.
  std::vector<std::pair<std::string, std::string>> unusable;
  std::uint64_t data_bytes = 0;  // bytes that the tensors cover from the first on, without a hole
};

// The largest header (JSON text, without the length before it) that the format's reference implementation reads.
inline constexpr std::uint64_t max_safetensors_header_bytes = 100'000'000;

// "layers.0.q: has dtype F64 and must be F32, F16 or BF16: save it as one of these".
std::string wrong_dtype_text(std::string_view tensor, std::string_view dtype);

// Reads the header's JSON. Everything that is wrong with it, and with how its tensors cover the `data_bytes` bytes
// behind it, goes to `problems`. It is no problem here if data is cut off behind tensors that are good otherwise; the
// header's `data_bytes` are more then.
SafetensorsHeader read_safetensors_header(std::string_view json, std::uint64_t data_bytes, Problems& problems);

}  // namespace capcam
