// SPDX-License-Identifier: Apache-2.0
#include "kernels/simd/key_planes.h"

#include <bit>
#include <cstring>

namespace capcam::simd {

std::uint32_t planes_of(const Segmentation& segmentation, std::uint32_t segment) {
  return (segmentation.used_columns(segment) + 7) / 8;
}

void row_bytes(const BitRows& rows, std::uint32_t row, std::vector<std::uint8_t>& out) {
  const Segmentation& segmentation = rows.segmentation();
  static_assert(std::endian::native == std::endian::little, "byte p of a row is byte p of its words");
  std::size_t bytes = 0;
  for (std::uint32_t segment = 0; segment < segmentation.segments(); ++segment)
    bytes += planes_of(segmentation, segment);
  out.resize(bytes);
  std::uint8_t* to = out.data();
  for (std::uint32_t segment = 0; segment < segmentation.segments(); ++segment) {
    const std::size_t planes = planes_of(segmentation, segment);
    std::memcpy(to, rows.words(row, segment).data(), planes);
    to += planes;
  }
}

KeyPlanes::KeyPlanes(const BitRows& keys, std::uint32_t tile_rows, std::uint32_t interleave)
    : segmentation_(keys.segmentation()), placement_{keys.rows(), tile_rows, interleave}, tiles_(placement_.tiles()) {
  for (std::uint32_t segment = 0; segment < segmentation_.segments(); ++segment)
    planes_ += planes_of(segmentation_, segment);
  bytes_.resize(std::size_t{blocks()} * tile_rows * planes_ * block);
  std::vector<std::uint8_t> row;
  for (std::uint32_t key = 0; key < keys.rows(); ++key) {
    row_bytes(keys, key, row);
    const std::size_t at = place(key);
    std::uint8_t* to = bytes_.data() + at / block * planes_ * block + at % block;
    for (std::uint32_t p = 0; p < planes_; ++p) to[std::size_t{p} * block] = row[p];
  }
}

}  // namespace capcam::simd
