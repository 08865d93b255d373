// Many standard normals at once, vectorised (Highway).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "core/philox.h"

namespace capcam {

// out[2 i] and out[2 i + 1] are philox_normals() of the counter with i added to its first word, rounded to fp32: the
// same bits, on every instruction set.
void fill_normals(PhiloxCounter counter, PhiloxKey key, std::span<float> out);

}  // namespace capcam
