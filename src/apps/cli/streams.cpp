// SPDX-License-Identifier: Apache-2.0
#include "apps/cli/streams.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <iostream>
#include <streambuf>
#include <system_error>

#include "capcam/error.h"
#include "core/terminal_text.h"

namespace capcam {
namespace {

// Returns zero, or errno.
int write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ::ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

// Keeps the first reason why something could not be printed; what follows is dropped. What comes through the stream is
// for people.
class StandardOutput final : public std::streambuf {
 public:
  void put(std::string_view text) {
    buffer_ += text;
    constexpr std::size_t enough = std::size_t{1} << 16;
    if (buffer_.size() >= enough) write();
  }
  void finish() {
    write();
    if (failure_ != 0)
      throw InputError("cannot write to standard output: " + std::generic_category().message(failure_));
  }

 protected:
  int_type overflow(int_type c) override {
    if (c == traits_type::eof()) return traits_type::not_eof(c);
    const char one = traits_type::to_char_type(c);
    xsputn(&one, 1);
    return c;
  }
  std::streamsize xsputn(const char* text, std::streamsize length) override {
    put(for_terminal({text, static_cast<std::size_t>(length)}));
    return length;
  }
  int sync() override {
    write();
    return 0;
  }

 private:
  void write() {
    if (failure_ == 0) failure_ = write_all(STDOUT_FILENO, buffer_);
    buffer_.clear();
  }

  std::string buffer_;
  int failure_ = 0;
};

StandardOutput& standard_output() {
  static StandardOutput& output = *new StandardOutput;  // std::cout is flushed after the last destructor
  return output;
}

}  // namespace

void open_standard_descriptors() {
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(number, F_GETFD) >= 0 || errno != EBADF) continue;
    // It is opened the wrong way round, so that using it fails. The lowest free number is this one.
    if (::open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0) return;
  }
  std::cout.rdbuf(&standard_output());  // libraries print there, too
}

void show_json(std::string_view json) { standard_output().put(json_for_terminal(json)); }

void show_data(std::string_view data) {
  if (::isatty(STDOUT_FILENO) != 0) {
    standard_output().put(for_terminal(data));
  } else {
    standard_output().put(data);
  }
}

void say(std::string_view text) { say_on_terminal(for_terminal(text)); }

void say_on_terminal(std::string_view text) { write_all(STDERR_FILENO, text); }

void finish_standard_output() { standard_output().finish(); }

}  // namespace capcam
