// Lets people look into a run: connects the waveform and the timeline to every stage and channel of the machine.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "capcam/systemc/engine.h"
#include "engines/systemc/core.h"
#include "engines/systemc/timeline.h"
#include "engines/systemc/waveform.h"

namespace capcam::systemc {

class Watch {
 public:
  // Throws InputError if a file cannot be written.
  Watch(const SystemcOptions& options, std::uint64_t period_fs);
  ~Watch();
  void attach(std::uint32_t core_number, Core& core);
  // Writes the files. Returns what the user should know: that one was cut, and where.
  std::vector<std::string> finish(Cycle end);

 private:
  class Unit;
  class Fill;
  class Rows;
  void unit(std::uint32_t core, const std::string& name, auto& ledger);
  void fill(const std::string& name, auto& fifo);

  SystemcOptions options_;
  std::optional<Waveform> waveform_;
  std::optional<Timeline> timeline_;
  std::vector<std::unique_ptr<Unit>> units_;
  std::vector<std::unique_ptr<Fill>> fills_;
  std::vector<std::unique_ptr<Rows>> rows_;
};

}  // namespace capcam::systemc
