// SPDX-License-Identifier: Apache-2.0
#include "kernels/simd/random_planes.h"

#include <algorithm>
#include <cstdlib>
#include <map>

namespace capcam::simd {
namespace {

constexpr std::uint32_t block = KeyPlanes::block;
constexpr std::uint32_t most_blocks_tried = 64;  // when the period is searched

// Tabulates what up to four cells add to their least sum, by which of them differ.
void tabulate_half(const std::int8_t* cells, std::uint32_t count, std::uint8_t* to) {
  for (std::uint32_t different = 0; different < RandomPlanes::entries; ++different) {
    std::int32_t sum = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
      const bool adds = (cells[i] < 0) == ((different >> i & 1) != 0);
      sum += adds ? std::abs(cells[i]) : 0;
    }
    to[different] = static_cast<std::uint8_t>(sum);
  }
}

std::int32_t least_sum(const std::int8_t* cells, std::uint32_t count) {
  std::int32_t sum = 0;
  for (std::uint32_t i = 0; i < count; ++i) sum += std::min<std::int32_t>(cells[i], 0);
  return sum;
}

}  // namespace

RandomPlanes::RandomPlanes(const BitRows& keys, const KeyPlanes& planes, const RandomReadout& readout,
                           std::uint32_t head_number, const RowOf& row_of)
    : readout_(readout),
      segmentation_(keys.segmentation()),
      head_number_(head_number),
      segments_(segmentation_.segments()),
      planes_(planes.planes()) {
  std::uint32_t first = 0;
  for (std::uint32_t segment = 0; segment < segments_; ++segment) {
    first_plane_.push_back(first);
    first += planes_of(segmentation_, segment);
  }
  const std::uint32_t rows = planes.tile_rows();
  std::uint32_t period = 1;  // in blocks
  while (period < planes.blocks() && !repeat(keys.rows(), period * block * rows, row_of))
    period = period < most_blocks_tried ? period + 1 : planes.blocks();
  stored_rows_ = std::size_t{period} * rows;
  const std::uint32_t stored_keys = std::min(keys.rows(), period * block * rows);
  fits_ = !readout.cells_differ() || cells_fit(stored_keys, row_of);
  if (!fits_) return;
  if (readout.cells_differ()) {
    if (repeat(stored_keys, rows, row_of)) {
      tabulate(std::min(rows, stored_keys), row_of);
    } else {
      spread_cells(stored_keys, planes, row_of);
    }
  }
  spread_readouts(stored_keys, planes, row_of);
}

bool RandomPlanes::repeat(std::uint32_t keys, std::uint32_t after, const RowOf& row_of) const {
  for (std::uint32_t key = after; key < keys; ++key) {
    for (std::uint32_t segment = 0; segment < segments_; ++segment) {
      if (&row_of(key, segment) != &row_of(key - after, segment)) return false;
    }
  }
  return true;
}

bool RandomPlanes::cells_fit(std::uint32_t keys, const RowOf& row_of) const {
  for (std::uint32_t key = 0; key < keys; ++key) {
    for (std::uint32_t segment = 0; segment < segments_; ++segment) {
      const std::int8_t* cells = row_of(key, segment).cells;
      std::int32_t range = 0;
      for (std::uint32_t i = 0; i < segmentation_.used_columns(segment); ++i) {
        range = (i % 8 == 0 ? 0 : range) + std::abs(cells[i]);
        if (range > 255) return false;
      }
    }
  }
  return true;
}

void RandomPlanes::tabulate(std::uint32_t rows, const RowOf& row_of) {
  half_bytes_.resize(stored_rows_ * planes_ * 2 * entries);
  for (std::uint32_t row = 0; row < rows; ++row) {
    for (std::uint32_t segment = 0; segment < segments_; ++segment) {
      const std::uint32_t used = segmentation_.used_columns(segment);
      const std::int8_t* cells = row_of(row, segment).cells;
      std::uint8_t* to = half_bytes_.data() + (row * planes_ + first_plane_[segment]) * 2 * entries;
      for (std::uint32_t i = 0; i < used; i += 4, to += entries) tabulate_half(cells + i, std::min(4u, used - i), to);
    }
  }
}

void RandomPlanes::spread_cells(std::uint32_t keys, const KeyPlanes& planes, const RowOf& row_of) {
  cells_.resize(stored_rows_ * planes_ * 8 * block);
  negative_.resize(stored_rows_ * planes_ * block);
  for (std::uint32_t key = 0; key < keys; ++key) {
    const std::size_t place = planes.place(key);
    for (std::uint32_t segment = 0; segment < segments_; ++segment) {
      const std::int8_t* of_key = row_of(key, segment).cells;
      const std::size_t first = place / block * planes_ + first_plane_[segment];
      for (std::uint32_t i = 0; i < segmentation_.used_columns(segment); ++i) {
        cells_[(first * 8 + i) * block + place % block] = static_cast<std::uint8_t>(std::abs(of_key[i]));
        if (of_key[i] < 0) negative_[(first + i / 8) * block + place % block] |= static_cast<std::uint8_t>(1 << i % 8);
      }
    }
  }
}

void RandomPlanes::spread_readouts(std::uint32_t keys, const KeyPlanes& planes, const RowOf& row_of) {
  least_.resize(at(stored_rows_, 0));
  for (std::vector<float>* of_rows : {&scale_, &row_base_, &gain_, &offset_, &bow_})
    of_rows->resize(at(stored_rows_, 0));
  if (readout_.thresholds_differ()) first_threshold_.resize(at(stored_rows_, 0));
  std::map<const float*, std::int32_t> tables;  // where each converter's thresholds begin
  for (std::uint32_t key = 0; key < keys; ++key) {
    const std::size_t place = planes.place(key);
    for (std::uint32_t segment = 0; segment < segments_; ++segment) {
      const RowReadout& row = row_of(key, segment).readout;
      const std::int8_t* cells = row_of(key, segment).cells;
      const std::size_t to = at(place / block, segment) + place % block;
      least_[to] = cells == nullptr ? 0 : least_sum(cells, segmentation_.used_columns(segment));
      scale_[to] = row.scale;
      row_base_[to] = row.base;
      gain_[to] = row.gain;
      offset_[to] = row.offset;
      bow_[to] = row.bow;
      if (row.thresholds == nullptr) continue;
      const auto [table, is_new] = tables.emplace(row.thresholds, static_cast<std::int32_t>(thresholds_.size()));
      if (is_new)
        thresholds_.insert(thresholds_.end(), row.thresholds,
                           row.thresholds + ConverterMismatch::table_size(readout_.bits()));
      first_threshold_[to] = table->second;
    }
  }
}

}  // namespace capcam::simd
