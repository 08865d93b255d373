// The part of a layer that takes part in its attention: the keys that a query may see, and the deviations of the rows
// that take part.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "capcam/trace.h"
#include "kernels/valid_keys.h"

namespace capcam {

using PackedMask = std::shared_ptr<const std::vector<std::uint64_t>>;  // one bit per key; null if all are valid

// Returns the masks of a layer, one for each batch.
std::vector<PackedMask> pack_masks(const TraceLayer& layer, const TraceShape& shape);

// Returns the keys that the queries of a layer may see in one batch.
ValidKeyRule valid_key_rule(const Trace& trace, const TraceLayer& layer, PackedMask mask);

struct Sigmas {
  double q = 0.0;
  double k = 0.0;
};

// Returns the sigmas that the trace states, otherwise the population standard deviations of the layer's Q and K.
// Queries that see no key and keys whose mask is 0 are left out, so that padding and unused cache slots change nothing,
// not even the last bit. Zero if nothing takes part.
Sigmas sigmas_of(const Trace& trace, const TraceLayer& layer, const std::vector<PackedMask>& masks);

}  // namespace capcam
