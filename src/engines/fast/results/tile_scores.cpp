// SPDX-License-Identifier: Apache-2.0
#include "engines/fast/results/tile_scores.h"

#include "kernels/bits.h"

namespace capcam::fast {

RandomArrays::RandomArrays(const Config& config, const Mapping& mapping, std::uint32_t core)
    : mapping_(mapping), readout_(config, mapping.segmentation) {
  for (std::uint32_t array = 0; array < mapping.arrays; ++array) {
    cells_.push_back(readout_.cells(core, array, mapping.rows, mapping.segmentation.columns));
    converters_.push_back(readout_.converters(core, array, mapping.rows));
    for (std::uint32_t segment = 0; segment < mapping.segmentation.segments(); ++segment) {
      for (std::uint32_t row = 0; row < mapping.rows; ++row) {
        rows_.push_back(
            {cells_[array].row(row, segment), readout_.row(segment, row, cells_[array], converters_[array])});
      }
    }
  }
}

const simd::RandomPlanes::Row& RandomArrays::row(std::uint32_t key, std::uint32_t segment) const {
  const KeyPlace place = mapping_.placement().place(key);
  const std::size_t array = mapping_.array_of(place.tile, segment);
  return rows_[(array * mapping_.segmentation.segments() + segment) * mapping_.rows + place.row];
}

TileScores::TileScores(const Config& config, const Mapping& mapping)
    : mapping_(mapping), sensing_(config, mapping.segmentation) {}

std::span<const std::int32_t> TileScores::operator()(const Head& head, std::uint32_t query, std::uint32_t tile,
                                                     const RandomArrays* random, Scratch& scratch) const {
  const TileKeys keys = mapping_.keys_of(tile);
  scratch.matches.resize(mapping_.rows);
  scratch.scores.assign(keys.count, 0);
  scratch.codes.clear();
  for (std::uint32_t segment = 0; segment < mapping_.segmentation.segments(); ++segment) {
    count_matches(head.query_bits, query, head.key_bits, keys, segment, scratch.matches.data());
    for (std::uint32_t i = 0; i < keys.count; ++i) {
      std::uint32_t code = 0;
      if (random == nullptr) {
        code = sensing_.code(segment, scratch.matches[i]);
      } else {
        const simd::RandomPlanes::Row& row = random->row(keys[i], segment);
        const SegmentReadout& readout = random->readout().segment(segment);
        code = readout.code(scratch.matches[i],
                            sum_of_matching_cells(row.cells, readout.used, head.query_bits.words(query, segment),
                                                  head.key_bits.words(keys[i], segment)),
                            row.readout, random->readout().normal(head.number, query, keys[i], segment));
      }
      scratch.codes.push_back(code);
      scratch.scores[i] += sensing_.score(segment, code);
    }
  }
  return scratch.scores;
}

}  // namespace capcam::fast
