// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <hwy/targets.h>

#include <cstdint>

namespace capcam::testing {

// Makes the kernels run with every instruction set in turn that this processor has.
template <class Call>
void with_every_target(const Call& call) {
  for (std::int64_t targets = hwy::SupportedTargets(); targets != 0; targets &= targets - 1) {
    hwy::SetSupportedTargetsForTest(targets & -targets);
    call();
  }
  hwy::SetSupportedTargetsForTest(0);
}

}  // namespace capcam::testing
