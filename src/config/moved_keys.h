// Keys of earlier versions that are gone, and what took their place.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace capcam {

// Returns what a user of the dotted key does now; empty for a key that never was one.
std::string_view moved_key(std::string_view dotted_key);

}  // namespace capcam
