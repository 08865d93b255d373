// Works out the scores of a tile for a query plainly, as the matchlines, the converters and the score scaler make them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/random_readout.h"
#include "kernels/sensing.h"
#include "kernels/simd/random_planes.h"
#include "mapping/mapping.h"
#include "workload/workload.h"

namespace capcam::fast {

// The arrays of a core, for codes that depend on more than match counts.
class RandomArrays {
 public:
  RandomArrays(const Config& config, const Mapping& mapping, std::uint32_t core);
  RandomArrays(RandomArrays&&) = default;  // is not copied, because rows point into the arrays
  const RandomReadout& readout() const { return readout_; }
  // Returns the row that holds a key's segment.
  const simd::RandomPlanes::Row& row(std::uint32_t key, std::uint32_t segment) const;

 private:
  const Mapping& mapping_;
  RandomReadout readout_;
  std::vector<CellMismatch> cells_;  // cells of each array
  std::vector<ConverterMismatch> converters_;
  std::vector<simd::RandomPlanes::Row> rows_;  // [array][segment][row]
};

class TileScores {
 public:
  struct Scratch {
    std::vector<std::uint32_t> matches;
    std::vector<std::uint32_t> codes;  // codes of all segments, one after another
    std::vector<std::int32_t> scores;
  };
  TileScores(const Config& config, const Mapping& mapping);

  // `random` belongs to the core on which the head is; null if RandomReadout is not needed.
  std::span<const std::int32_t> operator()(const Head& head, std::uint32_t query, std::uint32_t tile,
                                           const RandomArrays* random, Scratch& scratch) const;
  const Sensing& sensing() const { return sensing_; }

 private:
  const Mapping& mapping_;
  Sensing sensing_;
};

}  // namespace capcam::fast
