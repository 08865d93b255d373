// SpAtten's per-head workload tables (CSV of its released simulator): shapes and how much each head keeps, no values.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "trace/synthetic.h"

namespace capcam {

// What a trace with such shapes looks like; its values are to be synthesised. Columns are found by name: layer_id,
// head_id, embedding_length_D, sentence_length_L, key_fetch_num and value_fetch_num (or key_value_query_fetch_num for
// both), if_topk, topk, iteration_id; others pass. With iterations each is the step of a decoder, one query, one key
// more than the step before; without, as many queries as keys. Throws InputError that names every problem by line.
SyntheticSpec read_spatten_workload(const std::filesystem::path& file);

}  // namespace capcam
