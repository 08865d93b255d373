// SPDX-License-Identifier: Apache-2.0
#include "mapping/memory_layout.h"

namespace capcam {
namespace {

std::uint64_t rounded_up(std::uint64_t bytes, std::uint64_t multiple) {
  return (bytes + multiple - 1) / multiple * multiple;
}

}  // namespace

MemoryLayout::MemoryLayout(const Workload& workload, const Config& config, const Mapping& mapping)
    : workload_(workload), mapping_(mapping) {
  const TraceShape& shape = workload.trace().shape;
  row_bytes_ = shape.value_dim * (config.value.format == NumberFormat::bf16 ? 2 : 4);
  for (std::uint32_t segment = 0; segment < mapping.segmentation.segments(); ++segment)
    tile_bytes_ += segment_bytes(segment);
  key_stride_ = rounded_up(mapping.tiles * tile_bytes_, line_bytes);
  value_stride_ = rounded_up(shape.keys * row_bytes_, line_bytes);
  const std::uint64_t regions = workload.trace().layers.size() * shape.batch * shape.kv_heads;
  values_from_ = rounded_up(regions * key_stride_, page_bytes);
}

std::uint64_t MemoryLayout::segment_bytes(std::uint32_t segment) const {
  return (std::uint64_t{mapping_.rows} * mapping_.segmentation.used_columns(segment) + 7) / 8;
}

std::uint64_t MemoryLayout::region(std::uint32_t head) const {
  const HeadId id = workload_.id(head);
  const TraceShape& shape = workload_.trace().shape;
  return (id.layer * shape.batch + id.batch) * shape.kv_heads + id.kv_head;
}

std::uint64_t MemoryLayout::keys_of_tile(std::uint32_t head, std::uint32_t tile, std::uint32_t segment,
                                         std::uint32_t row) const {
  std::uint64_t address = keys_of_head(head) + tile * tile_bytes_;
  for (std::uint32_t before = 0; before < segment; ++before) address += segment_bytes(before);
  return address + std::uint64_t{row} * mapping_.segmentation.used_columns(segment) / 8;
}

}  // namespace capcam
