// A trace as Python holds it: a file, or arrays that lie where numpy or torch put them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "capcam/trace.h"

namespace capcam::python {

// Arrays of any dtype, row-major, in the processor's memory.
using ReadArray = nanobind::ndarray<nanobind::ro, nanobind::c_contig, nanobind::device::cpu>;

struct TraceInPython {
  Trace trace;
  std::vector<ReadArray> arrays;  // keep alive the memory that the tensors point into
};

void bind_trace(nanobind::module_& module);

}  // namespace capcam::python
