// SPDX-License-Identifier: Apache-2.0
#include "kernels/simd/key_planes.h"

namespace capcam::simd {

std::uint32_t planes_of(const Segmentation& segmentation, std::uint32_t segment) {
  return (segmentation.used_columns(segment) + 7) / 8;
}

void row_bytes(const BitRows& rows, std::uint32_t row, std::vector<std::uint8_t>& out) {
  const Segmentation& segmentation = rows.segmentation();
  out.resize(std::size_t{segmentation.segments()} * segmentation.words_per_segment() * 8);
  std::uint8_t* to = out.data();
  for (std::uint32_t segment = 0; segment < segmentation.segments(); ++segment) {
    const auto words = rows.words(row, segment);
    for (std::uint32_t p = 0; p < planes_of(segmentation, segment); ++p)
      *to++ = static_cast<std::uint8_t>(words[p / 8] >> (p % 8 * 8));
  }
  out.resize(static_cast<std::size_t>(to - out.data()));
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
