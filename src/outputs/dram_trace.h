// Writes a run's memory requests in the line formats that DRAM simulators replay (docs/workloads.md).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>

#include "capcam/dram_format.h"
#include "core/atomic_file.h"
#include "mapping/memory_layout.h"
#include "stats/dram_log.h"

namespace capcam {

// Writes the file as the run goes on. The file appears under its name with finish(), or not at all.
class DramTrace final : public OrderedDramLog {
 public:
  // `line_bytes` is the memory's, 32 or 64.
  DramTrace(const std::filesystem::path& path, DramFormat format, const MemoryLayout& layout,
            std::uint32_t line_bytes = 64);
  void finish();

 private:
  void take(const DramRequest& request) override;
  void read(std::uint64_t cycle, std::uint64_t address, std::uint64_t bytes);

  DramFormat format_;
  std::uint64_t line_bytes_;
  MemoryLayout layout_;
  AtomicFile out_;
};

}  // namespace capcam
