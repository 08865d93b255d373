// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>
#include <system_error>
#include <unordered_set>
#include <utility>

#include "capcam/error.h"
#include "core/atomic_file.h"
#include "core/number_format.h"
#include "core/output_target.h"
#include "core/printable.h"
#include "trace/safetensors.h"
#include "trace/safetensors_header.h"

namespace capcam {
namespace {

// Returns the header. Its tensors lie one behind the other in the order of `entries`. It is padded with spaces, so that
// data begins at a multiple of 8.
std::string header_text(const std::map<std::string, std::string>& metadata,
                        const std::vector<SafetensorsWriter::Entry>& entries, Problems& problems) {
  std::string text = "{";
  const auto add = [&text](const std::string& name, const nlohmann::ordered_json& value) {
    text += (text.size() > 1 ? "," : "") + nlohmann::json(name).dump() + ":" + value.dump();
  };
  std::unordered_set<std::string_view> names;
  std::uint64_t offset = 0;
  try {
    if (!metadata.empty()) add("__metadata__", metadata);
    for (const auto& [name, dtype, shape] : entries) {
      std::uint64_t bytes = dtype_bytes(dtype);
      std::uint64_t end = 0;
      bool fits = true;
      for (const std::uint64_t size : shape) fits = fits && !__builtin_mul_overflow(bytes, size, &bytes);
      if (!fits || __builtin_add_overflow(offset, bytes, &end)) {
        problems.add(
            fmt::format("{}: expected less than 2^64 bytes in all, got shape {}", printable(name), shape_text(shape)));
        continue;
      }
      if (name == "__metadata__") problems.add("__metadata__: expected a tensor's name, got a reserved one");
      if (!names.insert(name).second) problems.add(fmt::format("{}: given twice", printable(name)));
      add(name, {{"dtype", dtype_name(dtype)}, {"shape", shape}, {"data_offsets", {offset, end}}});
      offset = end;
    }
  } catch (const nlohmann::json::exception&) {
    problems.add("names and metadata: expected UTF-8, got other bytes");
  }
  text += '}';
  text.append((8 - text.size() % 8) % 8, ' ');
  if (text.size() > max_safetensors_header_bytes) {
    problems.add(fmt::format("header: expected at most {} bytes, got {}", max_safetensors_header_bytes, text.size()));
  }
  return text;
}

// Returns an error that says "X cannot be written", with the reason below it.
template <class Work>
auto told_with(const std::filesystem::path& path, Work work) {
  try {
    return work();
  } catch (const InputError& error) {
    std::string reason = error.what();
    const std::string known = "cannot write " + path.string() + ": ";
    if (reason.starts_with(known)) reason.erase(0, known.size());
    throw InputError(fmt::format("{} cannot be written", printable(path.string(), 4096)), {reason});
  }
}

}  // namespace

struct SafetensorsWriter::State {
  explicit State(const std::filesystem::path& given)
      : path(given), file(told_with(given, [&] { return AtomicFile(regular(given)); })) {}

  std::filesystem::path path;
  AtomicFile file;
  std::vector<Entry> entries;
  std::size_t entry = 0;            // the tensor being written
  std::uint64_t left_in_entry = 0;  // elements
  bool finished = false;

  static const std::filesystem::path& regular(const std::filesystem::path& path) {
    std::error_code failed;
    const std::filesystem::file_status status = std::filesystem::status(path, failed);
    if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status) &&
        !std::filesystem::is_directory(status)) {
      throw InputError("expected a regular file or a new name, got a device or a pipe");
    }
    return path;
  }

  void put(const void* bytes, std::size_t count) {
    told_with(path, [&] { file.write({static_cast<const char*>(bytes), count}); });
  }

  // Steps over tensors that are full, and those without elements.
  void next_entry() {
    while (left_in_entry == 0 && entry < entries.size()) {
      if (++entry == entries.size()) return;
      left_in_entry = elements(entries[entry]);
    }
  }

  static std::uint64_t elements(const Entry& entry) {
    std::uint64_t count = 1;
    for (const std::uint64_t size : entry.shape) count *= size;
    return count;
  }

  void put_values(Dtype dtype, std::span<const float> values) {
    if (dtype == Dtype::f32) return put(values.data(), values.size_bytes());
    switch (dtype) {
      case Dtype::f32:
        break;
      case Dtype::f16:
        return put_as<std::uint16_t>(values, to_f16_bits);
      case Dtype::bf16:
        return put_as<std::uint16_t>(values, to_bf16_bits);
      case Dtype::boolean:
        return put_as<std::uint8_t>(values, [](float value) { return std::uint8_t{value != 0.0f}; });
      case Dtype::u8:
        return put_as<std::uint8_t>(values, to_u8);
    }
  }

  template <class Bits, class Convert>
  void put_as(std::span<const float> values, Convert convert) {
    constexpr std::size_t most = 4096;
    Bits bits[most];
    while (!values.empty()) {
      const std::size_t count = std::min(most, values.size());
      for (std::size_t i = 0; i < count; ++i) bits[i] = convert(values[i]);
      put(bits, count * sizeof(Bits));
      values = values.subspan(count);
    }
  }

  static std::uint8_t to_u8(float value) {
    if (!(value > 0.0f)) return 0;  // a NaN gives 0, too
    return static_cast<std::uint8_t>(std::nearbyint(std::min(value, 255.0f)));
  }
};

SafetensorsWriter::SafetensorsWriter(const std::filesystem::path& path,
                                     const std::map<std::string, std::string>& metadata,
                                     const std::vector<Entry>& entries) {
  static_assert(std::endian::native == std::endian::little, "tensor bytes are little-endian and written as they lie");
  Problems problems;
  const std::string header = header_text(metadata, entries, problems);
  if (!problems.empty()) {
    throw InputError(fmt::format("{} cannot be written", printable(path.string(), 4096)), problems.take());
  }
  state_ = std::make_unique<State>(path);
  State& state = *state_;
  state.entries = entries;
  const std::uint64_t length = header.size();
  state.put(&length, sizeof length);
  state.put(header.data(), header.size());
  if (!entries.empty()) {
    state.left_in_entry = State::elements(entries.front());
    state.next_entry();
  }
}

SafetensorsWriter::~SafetensorsWriter() = default;

void SafetensorsWriter::append(std::span<const float> values) {
  State& state = *state_;
  while (!values.empty()) {
    if (state.entry >= state.entries.size()) throw LawBroken("more values were appended than the tensors hold");
    const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(values.size(), state.left_in_entry));
    state.put_values(state.entries[state.entry].dtype, values.first(count));
    values = values.subspan(count);
    state.left_in_entry -= count;
    state.next_entry();
  }
}

void SafetensorsWriter::check_full() {
  State& state = *state_;
  if (std::exchange(state.finished, true)) throw LawBroken("a finished safetensors file was finished again");
  if (state.entry < state.entries.size()) throw LawBroken("fewer values were appended than the tensors hold");
}

void SafetensorsWriter::finish() {
  check_full();
  told_with(state_->path, [&] { state_->file.finish(); });
}

AtomicFile SafetensorsWriter::complete() {
  check_full();
  told_with(state_->path, [&] { state_->file.complete(); });
  return std::move(state_->file);
}

}  // namespace capcam
