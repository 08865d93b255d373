// SPDX-License-Identifier: Apache-2.0
#include "kernels/simd/random_planes.h"

#include <map>

namespace capcam::simd {

RandomPlanes::RandomPlanes(const BitRows& keys, const KeyPlanes& planes, const RandomReadout& readout,
                           std::uint32_t head_number, const RowOf& row_of)
    : readout_(readout),
      head_number_(head_number),
      head_dim_(keys.segmentation().head_dim),
      columns_(keys.segmentation().columns),
      segments_(keys.segmentation().segments()) {
  const Segmentation& segmentation = keys.segmentation();
  const std::size_t rows = std::size_t{planes.blocks()} * planes.tile_rows();
  if (readout.cells_differ()) signed_cells_.resize(rows * head_dim_ * KeyPlanes::block);
  const std::size_t places = rows * segments_ * KeyPlanes::block;
  base_.resize(places);
  for (std::vector<float>* of_rows : {&scale_, &row_base_, &offset_}) of_rows->resize(places);
  if (readout.thresholds_differ()) first_threshold_.resize(places);
  std::map<const float*, std::int32_t> tables;  // where each converter's thresholds were put
  for (std::uint32_t key = 0; key < keys.rows(); ++key) {
    const std::size_t place = planes.place(key), lane = place % KeyPlanes::block, row = place / KeyPlanes::block;
    for (std::uint32_t segment = 0; segment < segments_; ++segment) {
      const std::uint32_t used = segmentation.used_columns(segment);
      const Row of_key = row_of(key, segment);
      const std::int8_t* cells = of_key.cells;
      const std::size_t at = (row * segments_ + segment) * KeyPlanes::block + lane;
      scale_[at] = of_key.readout.scale;
      row_base_[at] = of_key.readout.base;
      offset_[at] = of_key.readout.offset;
      if (const float* thresholds = of_key.readout.thresholds; thresholds != nullptr) {
        const auto [table, is_new] = tables.emplace(thresholds, static_cast<std::int32_t>(thresholds_.size()));
        if (is_new)
          thresholds_.insert(thresholds_.end(), thresholds, thresholds + ConverterMismatch::table_size(readout.bits()));
        first_threshold_[at] = table->second;
      }
      if (cells == nullptr) continue;
      const auto words = keys.words(key, segment);
      std::int8_t* to = signed_cells_.data() + (row * head_dim_ + segment * columns_) * KeyPlanes::block + lane;
      for (std::uint32_t i = 0; i < used; ++i) {
        const bool one = (words[i / 64] >> (i % 64) & 1) != 0;
        to[std::size_t{i} * KeyPlanes::block] = static_cast<std::int8_t>(one ? cells[i] : -cells[i]);
        if (!one) base_[at] += cells[i];
      }
    }
  }
}

}  // namespace capcam::simd
