// Reads SpAtten's per-head workload tables (CSV of its released simulator), which have shapes and how much each head
// keeps, but no values.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "trace/synthetic.h"

namespace capcam {

// Returns the spec of a trace with such shapes, whose values are to be synthesised. Columns are found by name:
// layer_id, head_id, embedding_length_D, sentence_length_L, key_fetch_num and value_fetch_num (or
// key_value_query_fetch_num for both), if_topk, topk, iteration_id; other columns pass. With iterations, each one is a
// step of a decoder and has one query and one key more than the step before. Without, there are as many queries as
// keys. Throws InputError that names every problem by line.
SyntheticSpec read_spatten_workload(const std::filesystem::path& file);

}  // namespace capcam
