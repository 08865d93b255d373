// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "capcam/error.h"
#include "core/number_format.h"
#include "core/output_target.h"
#include "core/printable.h"
#include "trace/safetensors.h"
#include "trace/safetensors_header.h"

namespace capcam {
namespace {

constexpr std::size_t buffer_bytes = std::size_t{1} << 20;

// The header: tensors one behind the other in the order of `entries`, padded with spaces so that data begins at a
// multiple of 8.
std::string header_text(const std::map<std::string, std::string>& metadata,
                        const std::vector<SafetensorsWriter::Entry>& entries, Problems& problems) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::uint64_t offset = 0;
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
    if (header.contains(name)) problems.add(fmt::format("{}: given twice", printable(name)));
    header[name] = {{"dtype", dtype_name(dtype)}, {"shape", shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const nlohmann::json::exception&) {
    problems.add("names and metadata: expected UTF-8, got other bytes");
  }
  text.append((8 - text.size() % 8) % 8, ' ');
  if (text.size() > max_safetensors_header_bytes) {
    problems.add(fmt::format("header: expected at most {} bytes, got {}", max_safetensors_header_bytes, text.size()));
  }
  return text;
}

}  // namespace

struct SafetensorsWriter::State {
  std::filesystem::path path;     // as given
  std::filesystem::path target;   // links followed
  std::filesystem::path partial;  // the name while unfinished
  std::vector<Entry> entries;
  std::size_t entry = 0;            // the tensor being written
  std::uint64_t left_in_entry = 0;  // elements
  std::vector<std::byte> buffer;
  int file = -1;

  ~State() {
    if (file < 0) return;
    ::close(file);
    ::unlink(partial.c_str());
  }

  [[noreturn]] void fail(int error) const {
    throw InputError(fmt::format("{} cannot be written", printable(path.string(), 4096)), {std::strerror(error)});
  }

  void open() {
    const std::filesystem::file_status status = std::filesystem::status(path);
    if (std::filesystem::is_directory(status)) fail(EISDIR);
    if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
      throw InputError(fmt::format("{} cannot be written", printable(path.string(), 4096)),
                       {"expected a regular file or a new name, got a device or a pipe"});
    }
    static std::atomic<unsigned> count{0};
    target = output_target(path).path;
    do {  // a killed process may have left one under the same name
      partial = target;
      partial += fmt::format(".partial-{}-{}", ::getpid(), count++);
      file = ::open(partial.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    } while (file < 0 && errno == EEXIST);
    if (file < 0) fail(errno);
  }

  void flush() {
    for (std::size_t done = 0; done < buffer.size();) {
      const ssize_t written = ::write(file, buffer.data() + done, buffer.size() - done);
      if (written < 0 && errno != EINTR) fail(errno);
      if (written > 0) done += static_cast<std::size_t>(written);
    }
    buffer.clear();
  }

  void put(const void* bytes, std::size_t count) {
    const auto* first = static_cast<const std::byte*>(bytes);
    buffer.insert(buffer.end(), first, first + count);
    if (buffer.size() >= buffer_bytes) flush();
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
    if (!(value > 0.0f)) return 0;  // NaN too
    return static_cast<std::uint8_t>(std::nearbyint(std::min(value, 255.0f)));
  }
};

SafetensorsWriter::SafetensorsWriter(const std::filesystem::path& path,
                                     const std::map<std::string, std::string>& metadata,
                                     const std::vector<Entry>& entries)
    : state_(std::make_unique<State>()) {
  static_assert(std::endian::native == std::endian::little, "tensor bytes are little-endian and written as they lie");
  State& state = *state_;
  state.path = path;
  state.entries = entries;
  Problems problems;
  const std::string header = header_text(metadata, entries, problems);
  if (!problems.empty()) {
    throw InputError(fmt::format("{} cannot be written", printable(path.string(), 4096)), problems.take());
  }
  state.buffer.reserve(buffer_bytes + 16);
  state.open();
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

void SafetensorsWriter::finish() {
  State& state = *state_;
  if (state.file < 0) throw LawBroken("a finished safetensors file was finished again");
  if (state.entry < state.entries.size()) throw LawBroken("fewer values were appended than the tensors hold");
  state.flush();
  if (::fsync(state.file) != 0 && errno != EINVAL) state.fail(errno);
  if (::close(std::exchange(state.file, -1)) != 0 || ::rename(state.partial.c_str(), state.target.c_str()) != 0) {
    const int error = errno;
    ::unlink(state.partial.c_str());
    state.fail(error);
  }
}

}  // namespace capcam
