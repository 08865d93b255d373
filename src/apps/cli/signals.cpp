// SPDX-License-Identifier: Apache-2.0
#include "apps/cli/signals.h"

#include <unistd.h>

#include <csignal>
#include <cstring>

#include "core/last_moments.h"

namespace capcam {
namespace {

volatile std::sig_atomic_t in_good_order = 0, stop = 0;

// Calls nothing but what a signal handler may call.
void write_line(const char* before, const char* name, const char* after) {
  for (const char* text : {before, name, after}) {
    if (text == nullptr) continue;
    if (::write(STDERR_FILENO, text, std::strlen(text)) < 0) return;
  }
}

[[noreturn]] void end_at_once(int status) {
  remove_unfinished_files();
  ::_exit(status);
}

extern "C" void asked_to_end(int signal) {
  if (in_good_order != 0 && stop == 0) {
    stop = 1;
    return;
  }
  write_line("\ninterrupted: what was not finished is not there\n", nullptr, nullptr);
  end_at_once(128 + signal);
}

// Handles a page of a mapped file that is not there any more, or that the disk cannot give.
extern "C" void cannot_read_page(int, siginfo_t* info, void*) {
  const char* name = mapped_name_of(info->si_addr);
  write_line("\nerror: ", name != nullptr ? name : "a file", " was cut short while it was read, or cannot be read\n");
  constexpr int wrong_input = 2;
  end_at_once(wrong_input);
}

void unless_ignored(int signal, void (*handler)(int)) {
  struct sigaction before {};
  if (::sigaction(signal, nullptr, &before) != 0 || before.sa_handler == SIG_IGN) return;
  struct sigaction action {};
  action.sa_handler = handler;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(signal, &action, nullptr);
}

}  // namespace

void take_signals() {
  std::signal(SIGXFSZ, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGXCPU}) unless_ignored(signal, asked_to_end);
  struct sigaction action {};
  action.sa_sigaction = cannot_read_page;
  action.sa_flags = SA_SIGINFO;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(SIGBUS, &action, nullptr);
}

void stop_on_signals() { in_good_order = 1; }

bool stop_was_requested() { return stop != 0; }

}  // namespace capcam
