// The machine as Python calls it: the lock released while it works, outputs as arrays, the report as a dict.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

namespace capcam::python {

void bind_machine(nanobind::module_& module);

}  // namespace capcam::python
