// The safetensors container has a little-endian u64 header length, a JSON header and the tensors' bytes. It is read
// through mmap. Nothing in the file is trusted: length, JSON, dtype, shape, offsets, overlap and holes are checked.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "capcam/tensor.h"
#include "core/atomic_file.h"

namespace capcam {

class SafetensorsFile {
 public:
  // Maps and checks the file. Throws InputError with every problem found. A tensor whose dtype no trace has is a
  // problem, but if `name_problem` has something to say about its name, only that is told.
  static std::shared_ptr<const SafetensorsFile> open(
      const std::filesystem::path& path,
      const std::function<std::optional<std::string>(std::string_view name)>& name_problem = {});
  virtual ~SafetensorsFile() = default;

  virtual const std::map<std::string, Tensor>& tensors() const = 0;
  virtual const std::map<std::string, std::string>& metadata() const = 0;
  virtual std::span<const std::byte> bytes() const = 0;  // the whole file
  // Throws InputError if the file is no longer the one that was opened: it was cut, has grown, was written to, or
  // another one has its name. What was read is then of neither. (A file that was removed can still be read whole.)
  virtual void check_unchanged() const {}
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
  ~SafetensorsWriter();  // removes the file if it is unfinished
  SafetensorsWriter(const SafetensorsWriter&) = delete;
  SafetensorsWriter& operator=(const SafetensorsWriter&) = delete;

  // Appends values to the tensors in the order of `entries`. They are rounded to the entry's dtype (nearest even).
  void append(std::span<const float> values);
  void finish();
  AtomicFile complete();  // replaces finish(): all is on the disk, and an OutputSet lets the file appear

 private:
  void check_full();
  struct State;
  std::unique_ptr<State> state_;
};

// Returns the SHA-256 of bytes in lower-case hex.
std::string sha256_hex(std::span<const std::byte> bytes);

}  // namespace capcam
