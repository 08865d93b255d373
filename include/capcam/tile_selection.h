// Rules of tile selection, which `top_n.tile_selection` of a configuration names. With top_n.tile_k > 0 every tile
// hands min(tile_k, its valid keys) candidates to the candidate register; the rule says which. Both engines ask this
// class.
//
//   class BestOfHalves final : public capcam::TileSelectionRule {
//    public:
//     void select(std::span<const capcam::Candidate> keys, std::uint32_t tile_k,
//                 std::vector<capcam::Candidate>& kept) const override { ... }
//   };
//   const capcam::RegisterTileSelection<BestOfHalves> best_of_halves("best_of_halves", "half of tile_k of each half");
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "capcam/candidate.h"
#include "capcam/config.h"

namespace capcam {

class TileSelectionRule {
 public:
  virtual ~TileSelectionRule() = default;

  // `keys` has the tile's valid keys with their scores, by ascending key, at least one. Appends min(tile_k,
  // keys.size()) of them to `kept`, each once, best first; the number is fixed so that cycles do not depend on scores.
  // Must be a pure function of its arguments, and may be called from several threads.
  virtual void select(std::span<const Candidate> keys, std::uint32_t tile_k, std::vector<Candidate>& kept) const = 0;

  // Must return true only if select() keeps the tile_k best (capcam::better). Engines then use code of their own for
  // it, and a converter may stop a search when the best rows are known.
  virtual bool keeps_the_best() const { return false; }
};

struct TileSelectionKind {
  std::string name;  // as configurations write it: letters, digits and _
  std::string doc;   // one line that `capcam explain top_n.tile_selection` prints
  std::function<std::unique_ptr<TileSelectionRule>()> make;
};

// Adds a rule. Call it before the first configuration is read and while no other thread uses capcam. Throws InputError
// if the name is taken or is no name.
void register_tile_selection(TileSelectionKind kind);

// Makes the rule that top_n.tile_selection names. Throws InputError if there is none (the nearest is named).
std::unique_ptr<const TileSelectionRule> make_tile_selection(const TopNParams& top_n);

// Registers class R when an object of this type is defined, one per rule, in the file of the class.
template <class R>
class RegisterTileSelection {
 public:
  RegisterTileSelection(std::string name, std::string doc) {
    register_tile_selection({std::move(name), std::move(doc), [] { return std::make_unique<R>(); }});
  }
};

}  // namespace capcam
