// SPDX-License-Identifier: Apache-2.0
#include "core/last_moments.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <utility>

namespace capcam {
namespace {

constexpr std::size_t places = 256;

// Whoever takes a name out owns it. That is its holder, or the handler that ends the process.
std::array<std::atomic<const char*>, places> unfinished_files;

struct Mapped {
  std::atomic<const char*> name;  // null in a free place
  std::atomic<const void*> begin;
  std::atomic<std::size_t> bytes;
};
std::array<Mapped, places> mapped;

static_assert(std::atomic<const char*>::is_always_lock_free && std::atomic<std::size_t>::is_always_lock_free);

}  // namespace

UnfinishedFile::UnfinishedFile(const std::filesystem::path& path) {
  const char* name = ::strdup(path.c_str());
  if (name == nullptr) return;
  for (std::atomic<const char*>& place : unfinished_files) {
    const char* nothing = nullptr;
    if (!place.compare_exchange_strong(nothing, name)) continue;
    name_ = name;
    return;
  }
  std::free(const_cast<char*>(name));
}

UnfinishedFile::UnfinishedFile(UnfinishedFile&& other) noexcept : name_(std::exchange(other.name_, nullptr)) {}

UnfinishedFile& UnfinishedFile::operator=(UnfinishedFile&& other) noexcept {
  forget();
  name_ = std::exchange(other.name_, nullptr);
  return *this;
}

void UnfinishedFile::forget() {
  if (name_ == nullptr) return;
  for (std::atomic<const char*>& place : unfinished_files) {
    const char* mine = name_;
    if (!place.compare_exchange_strong(mine, nullptr)) continue;
    std::free(const_cast<char*>(name_));
    break;
  }
  name_ = nullptr;
}

MappedName::MappedName(const std::filesystem::path& path, const void* begin, std::size_t bytes) : slot_(places) {
  const char* name = ::strdup(path.c_str());
  if (name == nullptr) return;
  for (slot_ = 0; slot_ < places; ++slot_) {
    const char* nothing = nullptr;
    if (!mapped[slot_].name.compare_exchange_strong(nothing, name)) continue;
    mapped[slot_].bytes = bytes;
    mapped[slot_].begin = begin;
    return;
  }
  std::free(const_cast<char*>(name));
}

MappedName::~MappedName() {
  if (slot_ == places) return;
  mapped[slot_].begin = nullptr;
  std::free(const_cast<char*>(mapped[slot_].name.exchange(nullptr)));
}

void remove_unfinished_files() {
  for (std::atomic<const char*>& place : unfinished_files) {
    if (const char* name = place.exchange(nullptr)) ::unlink(name);
  }
}

const char* mapped_name_of(const void* address) {
  const std::less<const char*> before;
  for (const Mapped& one : mapped) {
    const auto* begin = static_cast<const char*>(one.begin.load());
    const auto* at = static_cast<const char*>(address);
    if (begin != nullptr && !before(at, begin) && before(at, begin + one.bytes.load())) return one.name.load();
  }
  return nullptr;
}

}  // namespace capcam
