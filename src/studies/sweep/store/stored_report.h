// The report of a stored result, as a value that can be asked for what every report has.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>

#include "studies/sweep/store/store.h"

namespace capcam {

// Returns an object whose config is an object and whose trace has the texts path and sha256. A results.sqlite may be
// damaged or come from elsewhere: throws InputError naming the folder and the point of a text that is no such report.
nlohmann::ordered_json stored_report(const ResultStore& store, const StoredResult& result);

}  // namespace capcam
