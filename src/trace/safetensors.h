// The safetensors container: a little-endian u64 header length, a JSON header, tensor bytes. Read through mmap; nothing
// in the file is trusted (length, JSON, dtype, shape, offsets, overlap, holes are all checked).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "capcam/tensor.h"

namespace capcam {

class SafetensorsFile {
 public:
  // Maps and checks the file. Throws InputError with every problem found.
  static std::shared_ptr<const SafetensorsFile> open(const std::filesystem::path& path);
  virtual ~SafetensorsFile() = default;

  virtual const std::map<std::string, Tensor>& tensors() const = 0;
  virtual const std::map<std::string, std::string>& metadata() const = 0;
  virtual std::span<const std::byte> bytes() const = 0;  // the whole file
};

// Writes a file tensor by tensor, so that nothing has to be in memory whole. The file appears under its name only when
// finish() has succeeded (written beside it, then renamed).
class SafetensorsWriter {
 public:
  struct Entry {
    std::string name;
    Dtype dtype;
    std::vector<std::uint64_t> shape;
  };
  // Throws InputError if the file cannot be made.
  SafetensorsWriter(const std::filesystem::path& path, const std::map<std::string, std::string>& metadata,
                    const std::vector<Entry>& entries);
  ~SafetensorsWriter();  // an unfinished file is removed
  SafetensorsWriter(const SafetensorsWriter&) = delete;
  SafetensorsWriter& operator=(const SafetensorsWriter&) = delete;

  // Appends values to the tensors in the order of `entries`, rounded to the entry's dtype (nearest even).
  void append(std::span<const float> values);
  void finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// SHA-256 of bytes in lower-case hex.
std::string sha256_hex(std::span<const std::byte> bytes);

}  // namespace capcam
