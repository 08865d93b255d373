// The selection study as text, Markdown and CSV.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "studies/selection/study.h"

namespace capcam {

std::string selection_table(const SelectionStudy& study, const Config& config);
std::string selection_markdown(const SelectionStudy& study, const Config& config);
// Writes one line per point.
std::string selection_csv(const SelectionStudy& study);

}  // namespace capcam
