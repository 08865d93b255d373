// What every chip has beside its components, as components of their own: clock tree, control, bias and reference,
// decoupling, wires. Each is a part of the energy and the area of what it serves, by its card. They are shown apart,
// and none is a part of another.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cost/blocks/blocks.h"
#include "cost/component_price.h"

namespace capcam {

// Fills in prices.overheads for prices.components, of the machine or of any other unit.
void add_overheads(MachinePrices& prices, const Blocks& blocks);

}  // namespace capcam
