// SPDX-License-Identifier: Apache-2.0
#include "core/normal_rows.h"

#include <bit>
#include <vector>

#include "support/catch.h"
#include "support/simd_targets.h"

using namespace capcam;
using capcam::testing::with_every_target;

TEST_CASE("normals of a row have the bits of those drawn one by one") {
  with_every_target([] {
    for (std::uint32_t row = 0; row < 2000; ++row) {
      const PhiloxKey key{0x9e3779b9u * row, row / 7};
      const PhiloxCounter first{row % 3, row, 5, row % 9};
      std::vector<float> normals(65 + row % 20);
      fill_normals(first, key, normals);
      bool same = true;
      for (std::uint32_t i = 0; i < normals.size(); ++i) {
        const auto pair = philox_normals({first[0] + i / 2, first[1], first[2], first[3]}, key);
        same = same && std::bit_cast<std::uint32_t>(normals[i]) ==
                           std::bit_cast<std::uint32_t>(static_cast<float>(pair[i % 2]));
      }
      CHECK(same);
    }
  });
}

TEST_CASE("no normal is drawn where none is asked for") {
  float untouched = 7.0f;
  fill_normals({1, 2, 3, 4}, {5, 6}, {&untouched, 0});
  CHECK(untouched == 7.0f);
}
