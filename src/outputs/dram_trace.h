// The run's memory requests in the line formats that DRAM simulators replay (docs/workloads.md).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "capcam/dram_format.h"
#include "core/atomic_file.h"
#include "mapping/memory_layout.h"
#include "stats/dram_log.h"

namespace capcam {

// Writes the file as the run goes on; it appears under its name with finish(), or not at all.
class DramTrace final : public OrderedDramLog {
 public:
  DramTrace(const std::filesystem::path& path, DramFormat format, const MemoryLayout& layout);
  void finish();

 private:
  void take(const DramRequest& request) override;
  void read(std::uint64_t cycle, std::uint64_t address, std::uint64_t bytes);

  DramFormat format_;
  MemoryLayout layout_;
  AtomicFile out_;
};

}  // namespace capcam
