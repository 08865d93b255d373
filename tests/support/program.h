// Runs a program as a user does, and returns its exit status and its output on each stream.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "support/places.h"
#include "support/raw_safetensors.h"

namespace capcam::testing {

struct Ended {
  int status;  // 128 + number if a signal ended it
  std::string out, err;
};

// A program under way. It sees none of the variables that tell capcam where its data lies.
class Program {
 public:
  explicit Program(const std::vector<std::string>& command, const std::filesystem::path& folder = ".") {
    const std::string out = files_ / "out", err = files_ / "err";
    std::vector<const char*> arguments;
    for (const std::string& word : command) arguments.push_back(word.c_str());
    arguments.push_back(nullptr);
    child_ = ::fork();
    if (child_ < 0) throw std::runtime_error("fork failed");
    if (child_ > 0) return;
    constexpr int cannot_start = 127;
    const bool ready = redirect("/dev/null", O_RDONLY, STDIN_FILENO) &&
                       redirect(out, O_WRONLY | O_CREAT, STDOUT_FILENO) &&
                       redirect(err, O_WRONLY | O_CREAT, STDERR_FILENO) && ::chdir(folder.c_str()) == 0 &&
                       ::unsetenv("CAPCAM_DATA") == 0;
    if (ready) ::execvp(arguments[0], const_cast<char* const*>(arguments.data()));
    ::_exit(cannot_start);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  ~Program() {
    if (child_ <= 0) return;  // a test that fails half-way leaves nothing running
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }

  void send(int signal) const { ::kill(child_, signal); }

  // Lets the program stand still as soon as the condition holds, until it is told to go on.
  void stop_when(const std::function<bool()>& condition) {
    constexpr int longest_ms = 30000;
    for (int i = 0; i < longest_ms && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    send(SIGSTOP);
    if (!condition()) throw std::runtime_error("the program has not come to where it should stop");
  }
  Program& go_on() {
    send(SIGCONT);
    return *this;
  }

  bool has_mapped(const std::filesystem::path& file) const {
    return read_bytes("/proc/" + std::to_string(child_) + "/maps").find(std::filesystem::absolute(file).string()) !=
           std::string::npos;
  }

  Ended wait() {
    int state = 0;
    while (::waitpid(child_, &state, 0) < 0 && errno == EINTR) {
    }
    child_ = 0;
    const int status = WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
    return {status, read_bytes(files_ / "out"), read_bytes(files_ / "err")};
  }

 private:
  static bool redirect(const std::string& path, int flags, int to) {
    const int file = ::open(path.c_str(), flags, 0666);
    return file >= 0 && ::dup2(file, to) >= 0;
  }

  TemporaryFolder files_;
  ::pid_t child_ = 0;
};

inline std::vector<std::string> capcam_command(const std::vector<std::string>& arguments) {
  std::vector<std::string> command{capcam_binary()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

inline Ended run_capcam(const std::vector<std::string>& arguments, const std::filesystem::path& folder = ".") {
  return Program(capcam_command(arguments), folder).wait();
}

// Returns {"a=1", "b=2"} as --set a=1 --set b=2, behind other arguments.
inline std::vector<std::string> with_sets(std::vector<std::string> arguments, const std::vector<std::string>& sets) {
  for (const std::string& set : sets) {
    arguments.emplace_back("--set");
    arguments.push_back(set);
  }
  return arguments;
}

// Returns the files of a folder, by name; none if there is no such folder.
inline std::vector<std::string> files_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace capcam::testing
