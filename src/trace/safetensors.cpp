// SPDX-License-Identifier: Apache-2.0
#include "trace/safetensors.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "capcam/error.h"
#include "core/last_moments.h"
#include "core/number_format.h"
#include "core/printable.h"
#include "core/target_clones.h"
#include "trace/safetensors_header.h"

namespace capcam {
namespace {

static_assert(std::endian::native == std::endian::little, "tensor bytes are little-endian and read as they lie");

// Data may lie at any address: elements are copied out, never pointed at.
template <class Stored, class Widen>
void read_elements(const std::byte* from, std::span<float> out, Widen widen) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    Stored stored;
    std::memcpy(&stored, from + i * sizeof(Stored), sizeof(Stored));
    out[i] = widen(stored);
  }
}

CAPCAM_VECTOR_CLONES
void read_bf16(const std::byte* from, float* out, std::size_t count) {
  read_elements<std::uint16_t>(from, {out, count}, from_bf16_bits);
}

struct FileDescriptor {
  int value = -1;
  explicit FileDescriptor(int given) : value(given) {}
  FileDescriptor(FileDescriptor&& other) noexcept : value(std::exchange(other.value, -1)) {}
  FileDescriptor& operator=(FileDescriptor&&) = delete;
  ~FileDescriptor() {
    if (value >= 0) ::close(value);
  }
};

int open_to_read(const std::filesystem::path& path) {
  int file = -1;
  do {  // O_NONBLOCK, because opening a pipe that nobody writes to must not wait
    file = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  } while (file < 0 && errno == EINTR);
  return file;
}

// Tells which file it is, and when its content was last changed.
struct Stamp {
  ::dev_t device;
  ::ino_t number;
  ::off_t size;
  std::int64_t seconds, nanoseconds;
  explicit Stamp(const struct stat& status)
      : device(status.st_dev),
        number(status.st_ino),
        size(status.st_size),
        seconds(status.st_mtim.tv_sec),
        nanoseconds(status.st_mtim.tv_nsec) {}
  bool operator==(const Stamp&) const = default;
};

// A whole file that is mapped read-only.
class FileMapping {
 public:
  FileMapping(const std::filesystem::path& path, FileDescriptor file, const struct stat& status)
      : path_(path), file_(std::move(file)), stamp_(status), size_(static_cast<std::size_t>(status.st_size)) {
    if (size_ > 0) data_ = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file_.value, 0);
    if (!failed()) name_.emplace(path, data_, size_);
  }
  ~FileMapping() {
    name_.reset();
    if (data_ != nullptr && data_ != MAP_FAILED) ::munmap(data_, size_);
  }
  FileMapping(const FileMapping&) = delete;
  FileMapping& operator=(const FileMapping&) = delete;

  bool failed() const { return data_ == MAP_FAILED; }
  std::span<const std::byte> bytes() const { return {static_cast<const std::byte*>(data_), size_}; }

  // Says why the file is no longer the one that was opened; empty if it is.
  std::string change() const {
    struct stat now {};
    if (::fstat(file_.value, &now) != 0) return std::strerror(errno);
    if (now.st_size != stamp_.size) return fmt::format("it has {} bytes and had {}", now.st_size, stamp_.size);
    if (Stamp(now) != stamp_) return "it was written to";
    struct stat there {};
    if (::stat(path_.c_str(), &there) != 0) return errno == ENOENT ? "" : std::strerror(errno);
    return there.st_dev == stamp_.device && there.st_ino == stamp_.number ? "" : "another file has taken its name";
  }

 private:
  std::filesystem::path path_;
  FileDescriptor file_;
  Stamp stamp_;
  void* data_ = nullptr;
  std::size_t size_ = 0;
  std::optional<MappedName> name_;
};

std::string_view file_kind(mode_t mode) {
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "a device";
}

std::string unreadable_text(const std::string& name) {
  return fmt::format("{} is not a readable safetensors file", name);
}

class MappedSafetensors final : public SafetensorsFile {
 public:
  explicit MappedSafetensors(std::unique_ptr<FileMapping> mapping) : mapping_(std::move(mapping)) {}

  // Returns `name` as messages show it.
  void read(const std::string& name,
            const std::function<std::optional<std::string>(std::string_view name)>& name_problem) {
    name_ = name;
    constexpr std::size_t length_bytes = 8;
    const std::span<const std::byte> file = mapping_->bytes();
    const auto cut_off = [&](const std::string& expected) {
      throw InputError(fmt::format("{} is truncated", name),
                       {fmt::format("file: expected at least {}, got {}", expected, file.size())});
    };
    if (file.size() < length_bytes) cut_off("the 8 bytes of the header's length");
    std::uint64_t header_bytes = 0;
    std::memcpy(&header_bytes, file.data(), length_bytes);
    Problems problems;
    if (header_bytes > max_safetensors_header_bytes) {
      problems.add(
          fmt::format("header length: expected at most {}, got {}", max_safetensors_header_bytes, header_bytes));
      throw InputError(unreadable_text(name), problems.take());
    }
    if (header_bytes > file.size() - length_bytes)
      cut_off(fmt::format("{} bytes for the header", length_bytes + header_bytes));
    const std::string_view json(reinterpret_cast<const char*>(file.data()) + length_bytes, header_bytes);
    const std::span<const std::byte> data = file.subspan(length_bytes + header_bytes);
    SafetensorsHeader header = read_safetensors_header(json, data.size(), problems);
    if (!problems.empty()) throw InputError(unreadable_text(name), problems.take());
    if (header.data_bytes > data.size())
      cut_off(fmt::format("{} bytes for the tensors", length_bytes + header_bytes + header.data_bytes));
    for (const auto& [tensor, dtype] : header.unusable) {
      const auto wrong = name_problem ? name_problem(tensor) : std::nullopt;
      problems.add(wrong ? *wrong : wrong_dtype_text(tensor, dtype));
    }
    if (!problems.empty()) throw InputError(fmt::format("{} is not a capcam trace", name), problems.take());
    for (auto& [tensor, entry] : header.tensors) {
      tensors_[tensor] = {tensor, entry.dtype, std::move(entry.shape),
                          data.subspan(entry.begin, entry.end - entry.begin)};
    }
    metadata_ = std::move(header.metadata);
  }

  const std::map<std::string, Tensor>& tensors() const override { return tensors_; }
  const std::map<std::string, std::string>& metadata() const override { return metadata_; }
  std::span<const std::byte> bytes() const override { return mapping_->bytes(); }
  void check_unchanged() const override {
    const std::string change = mapping_->change();
    if (change.empty()) return;
    throw InputError(fmt::format("{} changed while it was read", name_),
                     {fmt::format("{}: results would be of neither file; run again", change)});
  }

 private:
  std::string name_;
  std::unique_ptr<FileMapping> mapping_;
  std::map<std::string, Tensor> tensors_;
  std::map<std::string, std::string> metadata_;
};

}  // namespace

std::string_view dtype_name(Dtype dtype) {
  switch (dtype) {
    case Dtype::f32:
      return "F32";
    case Dtype::f16:
      return "F16";
    case Dtype::bf16:
      return "BF16";
    case Dtype::boolean:
      return "BOOL";
    case Dtype::u8:
      return "U8";
  }
  throw LawBroken("a dtype without a name");
}

std::size_t dtype_bytes(Dtype dtype) {
  switch (dtype) {
    case Dtype::f32:
      return 4;
    case Dtype::f16:
    case Dtype::bf16:
      return 2;
    case Dtype::boolean:
    case Dtype::u8:
      return 1;
  }
  throw LawBroken("a dtype without a size");
}

std::uint64_t Tensor::elements() const { return bytes.size() / dtype_bytes(dtype); }

void Tensor::read(std::uint64_t first, std::span<float> out) const {
  if (first > elements() || out.size() > elements() - first) {
    throw LawBroken(
        fmt::format("{}: {} elements read from {} on, it has {}", printable(name), out.size(), first, elements()));
  }
  if (out.empty()) return;
  const std::byte* from = bytes.data() + first * dtype_bytes(dtype);
  switch (dtype) {
    case Dtype::f32:
      std::memcpy(out.data(), from, out.size_bytes());
      break;
    case Dtype::f16:
      read_elements<std::uint16_t>(from, out, from_f16_bits);
      break;
    case Dtype::bf16:
      read_bf16(from, out.data(), out.size());
      break;
    case Dtype::boolean:
    case Dtype::u8:
      read_elements<std::uint8_t>(from, out, [](std::uint8_t value) { return static_cast<float>(value); });
      break;
  }
}

std::shared_ptr<const SafetensorsFile> SafetensorsFile::open(
    const std::filesystem::path& path,
    const std::function<std::optional<std::string>(std::string_view name)>& name_problem) {
  const std::string name = printable(path.string(), 4096);
  const std::string what = unreadable_text(name);
  FileDescriptor file(open_to_read(path));
  if (file.value < 0) throw InputError(what, {std::strerror(errno)});
  struct stat status {};
  if (::fstat(file.value, &status) != 0) throw InputError(what, {std::strerror(errno)});
  if (!S_ISREG(status.st_mode)) {
    throw InputError(what, {fmt::format("expected a regular file, got {}", file_kind(status.st_mode))});
  }
  auto mapping = std::make_unique<FileMapping>(path, std::move(file), status);
  if (mapping->failed()) throw InputError(what, {fmt::format("mmap: {}", std::strerror(errno))});

  auto opened = std::make_shared<MappedSafetensors>(std::move(mapping));
  opened->read(name, name_problem);
  return opened;
}

}  // namespace capcam
