// Turns a report into Python's own values: dict, list, str, int, float, bool, None.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nanobind/nanobind.h>

#include <nlohmann/json.hpp>

namespace capcam::python {

nanobind::object json_to_python(const nlohmann::ordered_json& json);

}  // namespace capcam::python
