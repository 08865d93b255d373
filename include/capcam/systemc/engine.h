// The reference engine: the machine as SystemC modules. One run per process, because the SystemC kernel allows one
// elaboration; call it from sc_main.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "capcam/engine.h"

namespace capcam {

namespace systemc {
class Memory;
struct MemorySetting;
}  // namespace systemc

struct SystemcOptions {
  // Files that a run writes for people who look into the machine.
  std::optional<std::filesystem::path> vcd;       // waveform
  std::optional<std::filesystem::path> timeline;  // Chrome trace events, for Perfetto
  // Both files leave out what happens before and after these cycles; without a last one, they go on to the end.
  std::uint64_t first_cycle = 0;
  std::optional<std::uint64_t> last_cycle;

  // Builds the memory (capcam/systemc/memory.h) when the machine is elaborated. May be empty; the memory is then the
  // built-in channel, whose latency and bandwidth are keys of [memory]. A memory of one's own does not read them.
  std::function<std::unique_ptr<systemc::Memory>(const systemc::MemorySetting&)> memory;
};

std::unique_ptr<Engine> systemc_engine(const SystemcOptions& options = {});

}  // namespace capcam
