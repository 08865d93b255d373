// The reference engine: the machine as SystemC modules. One run per process, because the SystemC kernel allows one
// elaboration; call it from sc_main.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <optional>

#include "capcam/engine.h"

namespace capcam {

namespace systemc {
class Memory;
struct MemorySetting;
}  // namespace systemc

struct SystemcOptions {
  // What a run leaves behind for people who look into the machine.
  std::optional<std::filesystem::path> vcd;       // waveform
  std::optional<std::filesystem::path> timeline;  // Chrome trace events, for Perfetto
  std::uint64_t first_cycle = 0;                  // of both: what happens before and after is left out
  std::uint64_t last_cycle = std::numeric_limits<std::uint64_t>::max();

  // Builds the memory (capcam/systemc/memory.h) when the machine is elaborated. Empty: the built-in channel, whose
  // latency and bandwidth are keys of [memory]; a memory of one's own does not read them.
  std::function<std::unique_ptr<systemc::Memory>(const systemc::MemorySetting&)> memory;
};

std::unique_ptr<Engine> systemc_engine(const SystemcOptions& options = {});

}  // namespace capcam
