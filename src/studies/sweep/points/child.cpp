// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/points/child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "capcam/error.h"

namespace capcam {
namespace {

constexpr int input_number = 3;  // the child's file descriptor
constexpr int cannot_start = 127;

class File {
 public:
  explicit File(int number) : number_(number) {
    if (number < 0) throw InputError(fmt::format("cannot start a point's process: {}", std::strerror(errno)));
  }
  ~File() { close(); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  void close() {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }
  int number() const { return number_; }

 private:
  int number_;
};

struct Pipe {
  static std::array<int, 2> made() {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) ends = {-1, -1};
    return ends;
  }
  explicit Pipe(std::array<int, 2> ends = made()) : from(ends[0]), to(ends[1]) {}
  File from, to;
};

int file_with(const std::string& text) {
  const int file = ::memfd_create("capcam", MFD_CLOEXEC);
  std::size_t written = 0;
  while (file >= 0 && written < text.size()) {
    const ::ssize_t more = ::pwrite(file, text.data() + written, text.size() - written, static_cast<::off_t>(written));
    if (more <= 0) break;
    written += static_cast<std::size_t>(more);
  }
  return file;
}

// Runs in the child, where only functions that are safe after fork may be called.
[[noreturn]] void become(const char* program, char* const* arguments, int input, int out, int err, ::pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  // Descriptors are moved above the numbers they are copied onto, so that no copy overwrites the next one.
  const int high_input = ::fcntl(input, F_DUPFD_CLOEXEC, 10), high_out = ::fcntl(out, F_DUPFD_CLOEXEC, 10),
            high_err = ::fcntl(err, F_DUPFD_CLOEXEC, 10);
  if (::getppid() == parent && ::dup2(null, STDIN_FILENO) >= 0 && ::dup2(high_out, STDOUT_FILENO) >= 0 &&
      ::dup2(high_err, STDERR_FILENO) >= 0 && ::dup2(high_input, input_number) >= 0)
    ::execv(program, arguments);
  ::_exit(cannot_start);
}

// Reads all that is there. Returns false at the end of the stream.
bool read_some(int file, std::string& text) {
  std::array<char, 65536> block;
  const ::ssize_t length = ::read(file, block.data(), block.size());
  if (length > 0) text.append(block.data(), static_cast<std::size_t>(length));
  return length > 0 || (length < 0 && errno == EINTR);
}

int wait_for(::pid_t child) {
  int state = 0;
  while (::waitpid(child, &state, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(state) ? WEXITSTATUS(state) : -WTERMSIG(state);
}

}  // namespace

const char* const child_input = "/proc/self/fd/3";

ChildEnd run_child(const std::string& program, const std::vector<std::string>& arguments, const std::string& input,
                   const std::function<bool()>& stop_requested) {
  std::vector<char*> words{const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  const File text(file_with(input));
  Pipe out, err;
  const ::pid_t parent = ::getpid(), child = ::fork();
  if (child < 0) throw InputError(fmt::format("cannot start a point's process: {}", std::strerror(errno)));
  if (child == 0) become(program.c_str(), words.data(), text.number(), out.to.number(), err.to.number(), parent);
  out.to.close();
  err.to.close();

  ChildEnd end;
  std::array<::pollfd, 2> streams{{{out.from.number(), POLLIN, 0}, {err.from.number(), POLLIN, 0}}};
  constexpr int ask_again_ms = 100;
  bool stopped = false;
  while (streams[0].fd >= 0 || streams[1].fd >= 0) {
    ::poll(streams.data(), streams.size(), ask_again_ms);
    if (!stopped && stop_requested()) {
      stopped = true;
      ::kill(child, SIGKILL);
    }
    for (std::size_t i = 0; i < streams.size(); ++i) {
      if (streams[i].fd >= 0 && streams[i].revents != 0 && !read_some(streams[i].fd, i == 0 ? end.out : end.err))
        streams[i].fd = -1;
    }
  }
  end.status = wait_for(child);
  if (stopped) throw Interrupted();
  if (end.status == cannot_start) throw InputError(fmt::format("cannot start {}", program));
  return end;
}

}  // namespace capcam
