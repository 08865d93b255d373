// The addresses of K and V in memory (docs/workloads.md): bit-packed keys come first, then value rows. Each key/value
// head has a region that begins at a multiple of 64 bytes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "mapping/mapping.h"
#include "workload/workload.h"

namespace capcam {

// All addresses and sizes are bytes.
class MemoryLayout {
 public:
  static constexpr std::uint64_t line_bytes = 64, page_bytes = 4096;

  MemoryLayout(const Workload& workload, const Config& config, const Mapping& mapping);
  std::uint64_t keys_of_head(std::uint32_t head) const { return region(head) * key_stride_; }
  // Returns the address of a row of a tile; a tile lies in memory segment by segment.
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

}  // namespace capcam
