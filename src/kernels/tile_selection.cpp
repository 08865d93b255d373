// SPDX-License-Identifier: Apache-2.0
#include "kernels/tile_selection.h"

#include <fmt/format.h>

#include <algorithm>

#include "capcam/error.h"
#include "core/registry.h"
#include "kernels/selection.h"

namespace capcam {
namespace {

// The published rule. best_of_tile (kernels/selection.h) does its work.
class Best final : public TileSelectionRule {
 public:
  void select(std::span<const Candidate> keys, std::uint32_t tile_k, std::vector<Candidate>& kept) const override {
    const auto first = static_cast<std::ptrdiff_t>(kept.size());
    kept.insert(kept.end(), keys.begin(), keys.end());
    std::sort(kept.begin() + first, kept.end(), better);
    kept.resize(static_cast<std::size_t>(first) + std::min<std::size_t>(tile_k, keys.size()));
  }
  bool keeps_the_best() const override { return true; }
};

Registry<TileSelectionKind>& kinds() {
  static Registry<TileSelectionKind> all("tile selection", {{"best", "the highest scores; equal scores: the lower key",
                                                             [] { return std::make_unique<Best>(); }}});
  return all;
}

}  // namespace

std::vector<Named> tile_selections() { return kinds().names(); }

void register_tile_selection(TileSelectionKind kind) { kinds().add(std::move(kind)); }

std::unique_ptr<const TileSelectionRule> make_tile_selection(const TopNParams& top_n) {
  return kinds().at("top_n.tile_selection", top_n.tile_selection).make();
}

ConfiguredTileSelection::ConfiguredTileSelection(const TopNParams& top_n)
    : name_(top_n.tile_selection), tile_k_(top_n.tile_k), rule_(make_tile_selection(top_n)) {}

void ConfiguredTileSelection::operator()(std::span<const std::int32_t> scores, const TileKeys& keys,
                                         const ValidKeys& valid, std::vector<Candidate>& out) const {
  if (keeps_the_best()) return best_of_tile(scores, keys, valid, tile_k_, out);
  std::vector<Candidate> all;
  for (std::uint32_t i = 0; i < scores.size(); ++i) {
    if (valid(keys[i])) all.push_back({scores[i], keys[i]});
  }
  if (all.empty()) return;
  const std::size_t before = out.size();
  rule_->select(all, tile_k_, out);
  check(all, std::span(out).subspan(std::min(before, out.size())));
}

void ConfiguredTileSelection::check(std::span<const Candidate> keys, std::span<const Candidate> kept) const {
  const std::size_t wanted = std::min<std::size_t>(tile_k_, keys.size());
  if (kept.size() != wanted)
    throw InputError(
        fmt::format("tile selection \"{}\": expected {} candidates of {} valid keys with tile_k {}, got {}", name_,
                    wanted, keys.size(), tile_k_, kept.size()));
  std::vector<Candidate> by_key(kept.begin(), kept.end());
  const auto earlier = [](const Candidate& a, const Candidate& b) { return a.key < b.key; };
  std::sort(by_key.begin(), by_key.end(), earlier);
  for (std::size_t i = 0; i < by_key.size(); ++i) {
    const auto key = std::lower_bound(keys.begin(), keys.end(), by_key[i], earlier);
    if (key == keys.end() || *key != by_key[i])
      throw InputError(fmt::format("tile selection \"{}\": key {} with score {} is no valid key of the tile", name_,
                                   by_key[i].key, by_key[i].score));
    if (i > 0 && by_key[i - 1].key == by_key[i].key)
      throw InputError(fmt::format("tile selection \"{}\": key {} is kept twice", name_, by_key[i].key));
  }
}

}  // namespace capcam
