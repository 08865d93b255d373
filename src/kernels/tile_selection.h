// The first stage of selection, as a configuration sets it: it picks the keys of a tile that become candidates.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "capcam/tile_selection.h"
#include "kernels/valid_keys.h"

namespace capcam {

class ConfiguredTileSelection {
 public:
  explicit ConfiguredTileSelection(const TopNParams& top_n);

  // Appends the candidates among a tile's valid keys: min(tile_k, valid keys) of them, or all if tile_k = 0. scores[i]
  // is that of keys[i]. Throws InputError if a registered rule keeps anything else.
  void operator()(std::span<const std::int32_t> scores, const TileKeys& keys, const ValidKeys& valid,
                  std::vector<Candidate>& out) const;

  // Returns true if candidates are the best of a tile by `better`, so that vectorised code may find them.
  bool keeps_the_best() const { return tile_k_ == 0 || rule_->keeps_the_best(); }
  // Returns how many best rows of a tile determine its candidates, if not all of them do.
  std::optional<std::uint32_t> best_rows() const {
    return rule_->keeps_the_best() && tile_k_ > 0 ? std::optional(tile_k_) : std::nullopt;
  }

 private:
  void check(std::span<const Candidate> keys, std::span<const Candidate> kept) const;

  std::string name_;
  std::uint32_t tile_k_ = 0;
  std::shared_ptr<const TileSelectionRule> rule_;
};

}  // namespace capcam
