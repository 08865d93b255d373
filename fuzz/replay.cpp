// Runs a target on every file of the folders given, as a plain test: what was found once stays mended. A file
// NAME.expected beside an input holds what its refusal must say, or "accepted".
//   capcam_fuzz_NAME FOLDER...
//   capcam_fuzz_NAME --mutate SECONDS FOLDER...   then mutates them at random; for compilers without libFuzzer
// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <exception>

#include "input.h"
#include "mutation.h"

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

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// Why an input is a finding; empty: it is none.
std::string finding(const std::string& bytes) {
  const auto begin = std::chrono::steady_clock::now();
  try {
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  } catch (const std::exception& error) {
    return std::string("an exception that is no InputError: ") + error.what();
  }
  const double seconds = seconds_since(begin);
  return limited && seconds > most_seconds ? "took " + std::to_string(seconds) + " s" : "";
}

void replay(const std::filesystem::path& file) {
  if (const std::string why = finding(testing::read_bytes(file)); !why.empty()) return fail(file, why);
  check_expected(file);
}

// The input at work, for the moment the process dies of it.
std::string at_work;

void keep_input() {
  const int file = ::open("finding", O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (file < 0 || ::write(file, at_work.data(), at_work.size()) < 0) return;
  ::close(file);
}

void mutate(double seconds, const std::vector<std::filesystem::path>& files) {
  for (const int signal : {SIGSEGV, SIGABRT, SIGFPE, SIGBUS, SIGALRM}) {
    std::signal(signal, [](int number) {
      keep_input();
      std::signal(number, SIG_DFL);
      std::raise(number);
    });
  }
  std::vector<std::string> inputs;
  for (const std::filesystem::path& file : files) inputs.push_back(testing::read_bytes(file));
  std::mt19937_64 random(static_cast<std::uint64_t>(::getpid()));
  const auto begin = std::chrono::steady_clock::now();
  std::uint64_t runs = 0;
  for (; seconds_since(begin) < seconds; ++runs) {
    at_work = fuzz::mutated(inputs, random);
    constexpr unsigned longest = 10;
    ::alarm(longest);
    if (const std::string why = finding(at_work); !why.empty()) {
      keep_input();
      return fail("finding", why);
    }
  }
  ::alarm(0);
  std::printf("%llu mutated inputs\n", static_cast<unsigned long long>(runs));
}

}  // namespace

int main(int argc, char* argv[]) {
  const bool mutates = argc > 2 && std::strcmp(argv[1], "--mutate") == 0;
  std::vector<std::filesystem::path> files;
  for (int i = mutates ? 3 : 1; i < argc; ++i) {
    if (!std::filesystem::is_directory(argv[i])) continue;
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      if (entry.is_regular_file() && entry.path().extension() != ".expected") files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  for (const std::filesystem::path& file : files) replay(file);
  if (mutates && failed == 0 && !files.empty()) mutate(std::atof(argv[2]), files);
  ::rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  if (limited && used.ru_maxrss > most_kib) fail(argv[0], std::to_string(used.ru_maxrss / 1024) + " MiB of memory");
  std::printf("%zu inputs, %d of them failed\n", files.size(), failed);
  return files.empty() || failed > 0 ? 1 : 0;
}
