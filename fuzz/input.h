// What all targets share. A target reads one input: it may refuse it with an InputError, and must do nothing else than
// accept or refuse (no other exception, no crash, no second, no 512 MB).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "capcam/error.h"
#include "support/raw_safetensors.h"

namespace capcam::fuzz {

// Why the last input was refused; empty: it was accepted. The replay compares it with what is
// expected of an input.
inline std::string& refusal() {
  static std::string text;
  return text;
}

// True if `read` accepts the input. Exceptions but InputError leave, and end the process.
template <class Read>
bool accepts(const Read& read) {
  refusal().clear();
  try {
    read();
    return true;
  } catch (const InputError& error) {
    refusal() = error.what();
    if (refusal().empty()) std::abort();  // a refusal says why
    return false;
  }
}

// Ends the process if a law does not hold.
inline void require(bool holds, const char* law) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", law);
  std::abort();
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// Parts of an input that takes several texts, divided by lines "---"; always `count` of them.
inline std::vector<std::string_view> parts_of(std::string_view text, std::size_t count) {
  constexpr std::string_view line = "\n---\n";
  std::vector<std::string_view> parts;
  while (parts.size() + 1 < count && text.find(line) != text.npos) {
    parts.push_back(text.substr(0, text.find(line)));
    text.remove_prefix(parts.back().size() + line.size());
  }
  parts.push_back(text);
  parts.resize(count);
  return parts;
}

// A file of a folder that lasts as long as the process.
inline std::filesystem::path file_of(std::string_view name) {
  static const testing::TemporaryFolder folder;
  return folder / name;
}

inline std::filesystem::path written(std::string_view name, std::string_view bytes) {
  const std::filesystem::path path = file_of(name);
  testing::write_bytes(path, bytes);
  return path;
}

}  // namespace capcam::fuzz

// Every target defines this one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
