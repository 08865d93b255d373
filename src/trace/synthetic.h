// Makes synthetic traces by seed. A value depends on (seed, layer, tensor, batch, head, row, dimension) only, never on
// the order of making.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "capcam/describe.h"
#include "trace/safetensors.h"

namespace capcam {

enum class Distribution { random, clustered, equal, ties };

inline constexpr Choice<Distribution> distributions[] = {
    {Distribution::random, "random", "Q and K independent standard normals: match counts stay near D/2"},
    {Distribution::clustered, "clustered", "keys around cluster centres, each query near one centre: some keys win"},
    {Distribution::equal, "equal", "all keys of a head identical: every score ties"},
    {Distribution::ties, "ties", "of 64 keys one scores best, 47 tie one match below and 16 tie two below"},
};

struct SyntheticSpec {
  std::uint64_t seed = 1;
  std::uint64_t layers = 1;
  std::uint64_t batch = 1;
  std::uint64_t heads = 4;
  std::uint64_t kv_heads = 4;
  std::uint64_t queries = 64;
  std::uint64_t keys = 1024;
  std::uint64_t head_dim = 64;
  std::uint64_t value_dim = 64;
  Distribution distribution = Distribution::random;
  Dtype dtype = Dtype::f32;
  bool causal = false;
  std::uint64_t query_offset = 0;       // position of the first query
  std::optional<std::uint64_t> window;  // positions
  // Keys that are masked at the end of the last batch element. The first has none, and in between the number is linear.
  std::uint64_t padding = 0;
  std::optional<double> scale;
  // Keys that are masked in each layer, spread over all but the last key. It is empty if there are none.
  std::vector<std::uint64_t> pruned_keys;
  std::string model;                            // if empty, the model is "synthetic" and the distribution
  std::map<std::string, std::string> metadata;  // more metadata of the trace
};

// The expected share of matching bits between a query and the keys of its cluster, for `clustered`. Query and key are
// the centre plus normal noise of 1/4 and 1/2, and signs of normals with correlation r agree with 1 - acos(r) / pi.
double clustered_match_share();

// Returns the number of rows of Q, K and V of all layers.
std::uint64_t synthetic_rows(const SyntheticSpec& spec);

// Writes the trace, over all processors. V is standard normal. The metadata states every parameter. Throws InputError
// with everything that is wrong with the spec, or if the file cannot be written. `done` is called now and then with the
// number of rows that were written; if it returns true, Interrupted is thrown and there is no file.
void write_synthetic(
    const SyntheticSpec& spec, const std::filesystem::path& out,
    const std::function<bool(std::uint64_t rows)>& done = [](std::uint64_t) { return false; });

}  // namespace capcam
