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
void tabulate_half(const std::int16_t* cells, std::uint32_t count, std::uint8_t* to) {
  for (std::uint32_t different = 0; different < RandomPlanes::entries; ++different) {
    std::int32_t sum = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
      const bool adds = (cells[i] < 0) == ((different >> i & 1) != 0);
      sum += adds ? std::abs(cells[i]) : 0;
    }
    to[different] = static_cast<std::uint8_t>(sum);
  }
}

std::int32_t least_sum(const std::int16_t* cells, std::uint32_t count) {
  std::int32_t sum = 0;
  for (std::uint32_t i = 0; i < count; ++i) sum += std::min<std::int32_t>(cells[i], 0);
  return sum;
}

// Calls call(key, place of its score) for every key of the first `tiles` tiles.
template <class Call>
void for_each_key(const KeyPlanes& planes, std::uint32_t tiles, const Call& call) {
  for (std::uint32_t tile = 0; tile < tiles; ++tile) {
    const TileKeys keys = planes.placement().tile(tile);
    for (std::uint32_t row = 0; row < keys.count; ++row) call(keys[row], planes.place({tile, row}));
  }
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
  std::uint32_t period = 1;  // in blocks
  while (period < planes.blocks() && !repeat(planes.tiles(), period * block, planes, row_of))
    period = period < most_blocks_tried ? period + 1 : planes.blocks();
  stored_rows_ = std::size_t{period} * planes.tile_rows();
  const std::uint32_t stored_tiles = std::min(planes.tiles(), period * block);
  fits_ = !readout.cells_differ() || cells_fit(stored_tiles, planes, row_of);
  if (!fits_) return;
  if (readout.cells_differ()) {
    if (repeat(stored_tiles, 1, planes, row_of)) {
      tabulate(planes.placement().tile(0), row_of);
    } else {
      spread_cells(stored_tiles, planes, row_of);
    }
  }
  spread_readouts(stored_tiles, planes, row_of);
}

// No tile has more keys than one before it.
bool RandomPlanes::repeat(std::uint32_t tiles, std::uint32_t after, const KeyPlanes& planes,
                          const RowOf& row_of) const {
  for (std::uint32_t tile = after; tile < tiles; ++tile) {
    const TileKeys keys = planes.placement().tile(tile), before = planes.placement().tile(tile - after);
    for (std::uint32_t row = 0; row < keys.count; ++row) {
      for (std::uint32_t segment = 0; segment < segments_; ++segment) {
        if (&row_of(keys[row], segment) != &row_of(before[row], segment)) return false;
      }
    }
  }
  return true;
}

bool RandomPlanes::cells_fit(std::uint32_t tiles, const KeyPlanes& planes, const RowOf& row_of) const {
  bool fit = true;
  for_each_key(planes, tiles, [&](std::uint32_t key, std::size_t) {
    for (std::uint32_t segment = 0; segment < segments_ && fit; ++segment) {
      const std::int16_t* cells = row_of(key, segment).cells;
      std::int32_t range = 0;
      for (std::uint32_t i = 0; i < segmentation_.used_columns(segment) && fit; ++i) {
        range = (i % 8 == 0 ? 0 : range) + std::abs(cells[i]);
        fit = range <= 255;
      }
    }
  });
  return fit;
}

void RandomPlanes::tabulate(const TileKeys& of_tile, const RowOf& row_of) {
  half_bytes_.resize(stored_rows_ * planes_ * 2 * entries);
  for (std::uint32_t row = 0; row < of_tile.count; ++row) {
    for (std::uint32_t segment = 0; segment < segments_; ++segment) {
      const std::uint32_t used = segmentation_.used_columns(segment);
      const std::int16_t* cells = row_of(of_tile[row], segment).cells;
      std::uint8_t* to = half_bytes_.data() + (row * planes_ + first_plane_[segment]) * 2 * entries;
      for (std::uint32_t i = 0; i < used; i += 4, to += entries) tabulate_half(cells + i, std::min(4u, used - i), to);
    }
  }
}

void RandomPlanes::spread_cells(std::uint32_t tiles, const KeyPlanes& planes, const RowOf& row_of) {
  cells_.resize(stored_rows_ * planes_ * 8 * block);
  negative_.resize(stored_rows_ * planes_ * block);
  for_each_key(planes, tiles, [&](std::uint32_t key, std::size_t place) {
    for (std::uint32_t segment = 0; segment < segments_; ++segment) {
      const std::int16_t* of_key = row_of(key, segment).cells;
      const std::size_t first = place / block * planes_ + first_plane_[segment];
      for (std::uint32_t i = 0; i < segmentation_.used_columns(segment); ++i) {
        cells_[(first * 8 + i) * block + place % block] = static_cast<std::uint8_t>(std::abs(of_key[i]));
        if (of_key[i] < 0) negative_[(first + i / 8) * block + place % block] |= static_cast<std::uint8_t>(1 << i % 8);
      }
    }
  });
}

void RandomPlanes::spread_readouts(std::uint32_t tiles, const KeyPlanes& planes, const RowOf& row_of) {
  least_.resize(at(stored_rows_, 0));
  for (std::vector<float>* of_rows : {&scale_, &row_base_, &gain_, &offset_, &bow_})
    of_rows->resize(at(stored_rows_, 0));
  if (readout_.thresholds_differ()) first_threshold_.resize(at(stored_rows_, 0));
  std::map<const float*, std::int32_t> tables;  // where each converter's thresholds begin
  for_each_key(planes, tiles, [&](std::uint32_t key, std::size_t place) {
    for (std::uint32_t segment = 0; segment < segments_; ++segment) {
      const RowReadout& row = row_of(key, segment).readout;
      const std::int16_t* cells = row_of(key, segment).cells;
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
  });
}

}  // namespace capcam::simd
