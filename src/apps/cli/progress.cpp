// SPDX-License-Identifier: Apache-2.0
#include "apps/cli/progress.h"

#include <fmt/core.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>

namespace capcam {
namespace {

volatile std::sig_atomic_t stop = 0;

extern "C" void ask_to_stop(int) { stop = 1; }

constexpr auto interval = std::chrono::milliseconds(200);

}  // namespace

void stop_on_signals() {
  struct sigaction action {};
  action.sa_handler = ask_to_stop;
  action.sa_flags = SA_RESETHAND;  // a second Ctrl-C kills the process
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool stop_was_requested() { return stop != 0; }

Progress::Progress(std::uint64_t total, const char* unit)
    : on_terminal_(isatty(STDERR_FILENO) != 0),
      total_(total),
      unit_(unit),
      next_(std::chrono::steady_clock::now() + interval) {}

Progress::~Progress() { clear(); }

void Progress::take(const QueryResult&) {
  if (++done_ % 64 == 0) show();
}

void Progress::set(std::uint64_t done) {
  done_ = done;
  show();
}

void Progress::show() {
  if (!on_terminal_ || std::chrono::steady_clock::now() < next_) return;
  next_ = std::chrono::steady_clock::now() + interval;
  fmt::print(stderr, "\r{} of {} {} ({:.0f} %)", done_, total_, unit_,
             100.0 * static_cast<double>(done_) / static_cast<double>(total_));
  std::fflush(stderr);
  shown_ = true;
}

bool Progress::stop_requested() const { return stop_was_requested(); }

void Progress::clear() {
  if (shown_) fmt::print(stderr, "\r\033[K");
  shown_ = false;
}

}  // namespace capcam
