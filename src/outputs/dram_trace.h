// The run's memory requests in the line formats that DRAM simulators replay, and where K and V lie in memory
// (docs/workloads.md).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>

#include "capcam/dram_format.h"
#include "core/atomic_file.h"
#include "mapping/mapping.h"
#include "stats/dram_log.h"
#include "workload/workload.h"

namespace capcam {

// Bit-packed keys first, then value rows; one region a key/value head, each from a multiple of 64 bytes.
class MemoryLayout {
 public:
  MemoryLayout(const Workload& workload, const Config& config, const Mapping& mapping);
  std::uint64_t keys_of_head(std::uint32_t head) const { return region(head) * key_stride_; }
  // A tile lies segment by segment.
  std::uint64_t keys_of_tile(std::uint32_t head, std::uint32_t tile, std::uint32_t segment, std::uint32_t row) const;
  std::uint64_t value_row(std::uint32_t head, std::uint32_t key) const {
    return values_from_ + region(head) * value_stride_ + key * row_bytes_;
  }
  std::uint64_t row_bytes() const { return row_bytes_; }

 private:
  std::uint64_t region(std::uint32_t head) const;
  std::uint64_t segment_bytes(std::uint32_t segment) const;

  const Workload& workload_;
  const Mapping& mapping_;
  std::uint64_t row_bytes_, tile_bytes_ = 0, key_stride_, value_stride_, values_from_;
};

// Writes the file as the run goes on; it appears under its name with finish(), or not at all.
class DramTrace final : public OrderedDramLog {
 public:
  // `line_bytes`: of the memory, 32 or 64.
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
