// The JSON header of a safetensors file, read and checked without trusting a byte of it.
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
  // Tensors of dtypes that the format has and a trace has not, with the dtype; not in `tensors`.
  std::vector<std::pair<std::string, std::string>> unusable;
  std::uint64_t data_bytes = 0;  // that the tensors cover, without a hole from the first on
};

// Largest header the format's reference implementation reads; the JSON text, without the length before it.
inline constexpr std::uint64_t max_safetensors_header_bytes = 100'000'000;

// "layers.0.q: has dtype F64 and must be F32, F16 or BF16: save it as one of these".
std::string wrong_dtype_text(std::string_view tensor, std::string_view dtype);

// Reads the header's JSON. Everything wrong with it, and with how its tensors cover the `data_bytes` bytes behind it,
// goes to `problems`; not that data is cut off behind tensors that are good otherwise: then the header's `data_bytes`
// are more.
SafetensorsHeader read_safetensors_header(std::string_view json, std::uint64_t data_bytes, Problems& problems);

}  // namespace capcam
