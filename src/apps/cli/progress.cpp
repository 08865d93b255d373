// SPDX-License-Identifier: Apache-2.0
#include "apps/cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include "apps/cli/streams.h"

namespace capcam {
namespace {

constexpr auto interval = std::chrono::milliseconds(200);

}  // namespace

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
  say_on_terminal(fmt::format("\r{} of {} {} ({:.0f} %)", done_, total_, unit_,
                              100.0 * static_cast<double>(done_) / static_cast<double>(total_)));
  shown_ = true;
}

bool Progress::stop_requested() const { return stop_was_requested(); }

void Progress::clear() {
  if (shown_) say_on_terminal("\r\033[K");
  shown_ = false;
}

}  // namespace capcam
