// Runs a target on every file of the folders given, as a plain test: what was found once stays mended. A file
// NAME.expected beside an input holds what its refusal must say, or "accepted".
// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <exception>

#include "input.h"

using namespace capcam;

namespace {

#if defined(__SANITIZE_ADDRESS__) || !defined(NDEBUG)
constexpr bool limited = false;  // such builds take several times the time and memory
#else
constexpr bool limited = true;
#endif
constexpr double most_seconds = 1.0;
constexpr long most_kib = 512 * 1024;

int failed = 0;

void fail(const std::filesystem::path& file, const std::string& why) {
  std::fprintf(stderr, "%s: %s\n", file.c_str(), why.c_str());
  ++failed;
}

void check_expected(const std::filesystem::path& file) {
  const std::filesystem::path expected = file.string() + ".expected";
  if (!std::filesystem::exists(expected)) return;
  std::string text = testing::read_bytes(expected);
  while (text.ends_with('\n')) text.pop_back();
  const std::string& got = fuzz::refusal();
  if (text == "accepted" ? !got.empty() : got.find(text) == got.npos)
    fail(file, "expected: " + text + "\ngot: " + (got.empty() ? "accepted" : got));
}

void replay(const std::filesystem::path& file) {
  const std::string bytes = testing::read_bytes(file);
  const auto begin = std::chrono::steady_clock::now();
  try {
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  } catch (const std::exception& error) {
    return fail(file, std::string("an exception that is no InputError: ") + error.what());
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (limited && seconds > most_seconds) fail(file, "took " + std::to_string(seconds) + " s");
  check_expected(file);
}

}  // namespace

int main(int argc, char* argv[]) {
  std::vector<std::filesystem::path> files;
  for (int i = 1; i < argc; ++i) {
    if (!std::filesystem::is_directory(argv[i])) continue;
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      if (entry.is_regular_file() && entry.path().extension() != ".expected") files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  for (const std::filesystem::path& file : files) replay(file);
  ::rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  if (limited && used.ru_maxrss > most_kib) fail(argv[0], std::to_string(used.ru_maxrss / 1024) + " MiB of memory");
  std::printf("%zu inputs, %d of them failed\n", files.size(), failed);
  return files.empty() || failed > 0 ? 1 : 0;
}
