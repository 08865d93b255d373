// The JSON header of a safetensors file.
// SPDX-License-Identifier: Apache-2.0
#include "input.h"
#include "trace/safetensors_header.h"

using namespace capcam;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view json = fuzz::text_of(data, size);
  const auto read = [&](std::uint64_t data_bytes) {
    Problems problems;
    const SafetensorsHeader header = read_safetensors_header(json, data_bytes, problems);
    if (!problems.empty()) throw InputError("header", problems.take());
    return header;
  };
  SafetensorsHeader header;
  if (!fuzz::accepts([&] { header = read(0); })) return 0;
  std::uint64_t covered = 0;
  for (const auto& [name, entry] : header.tensors) {
    std::uint64_t bytes = dtype_bytes(entry.dtype);
    for (const std::uint64_t length : entry.shape) bytes *= length;
    fuzz::require(bytes == entry.end - entry.begin, "offsets and shape agree");
    fuzz::require(entry.end <= header.data_bytes, "a tensor lies within the data");
    covered += bytes;
  }
  if (header.unusable.empty()) fuzz::require(covered == header.data_bytes, "tensors cover the data once");
  fuzz::require(fuzz::accepts([&] { read(header.data_bytes); }), "the data that a header asks for is enough");
  if (header.data_bytes + 1 != 0)
    fuzz::require(!fuzz::accepts([&] { read(header.data_bytes + 1); }), "a byte behind the data is refused");
  fuzz::refusal().clear();
  return 0;
}
