// Computes the references of a run for a whole trace: full-precision attention, and the machine's own arithmetic
// without its errors.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

namespace capcam::python {

void bind_references(nanobind::module_& module);

}  // namespace capcam::python
