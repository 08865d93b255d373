// A tile selection of one's own: each half of a tile hands over the best of its own keys. Two sorters of half the size
// are smaller than one, and neighbours, which are the best keys of real attention, crowd each other out less.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "capcam/tile_selection.h"

namespace {

class BestOfHalves final : public capcam::TileSelectionRule {
 public:
  void select(std::span<const capcam::Candidate> keys, std::uint32_t tile_k,
              std::vector<capcam::Candidate>& kept) const override {
    const auto wanted = std::min<std::size_t>(tile_k, keys.size());
    const std::size_t upper_half = keys.size() / 2, lower_half = keys.size() - upper_half;
    // A half that has too few keys leaves its places to the other.
    std::size_t from_lower = std::min((wanted + 1) / 2, lower_half);
    const std::size_t from_upper = std::min(wanted - from_lower, upper_half);
    from_lower = wanted - from_upper;

    std::vector<capcam::Candidate> sorted(keys.begin(), keys.end());
    const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(lower_half);
    std::sort(sorted.begin(), middle, capcam::better);
    std::sort(middle, sorted.end(), capcam::better);
    const auto first = static_cast<std::ptrdiff_t>(kept.size());
    kept.insert(kept.end(), sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(from_lower));
    kept.insert(kept.end(), middle, middle + static_cast<std::ptrdiff_t>(from_upper));
    std::sort(kept.begin() + first, kept.end(), capcam::better);
  }
};

const capcam::RegisterTileSelection<BestOfHalves> best_of_halves("best_of_halves",
                                                                 "half of tile_k from each half of the valid keys");

}  // namespace
