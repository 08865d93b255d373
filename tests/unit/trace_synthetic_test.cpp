// SPDX-License-Identifier: Apache-2.0
#include "trace/synthetic.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "capcam/trace.h"
#include "support/catch.h"
#include "support/raw_safetensors.h"
#include "trace/scan.h"

using namespace capcam;
using namespace capcam::testing;

namespace {

SyntheticSpec spec_of(Distribution distribution) {
  SyntheticSpec spec;
  spec.distribution = distribution;
  spec.heads = 4;
  spec.kv_heads = 2;
  spec.queries = 16;
  spec.keys = 512;
  return spec;
}

std::vector<float> row_of(const Tensor& tensor, std::uint64_t head, std::uint64_t row) {
  std::vector<float> values(tensor.shape[3]);
  tensor.read((head * tensor.shape[2] + row) * tensor.shape[3], values);
  return values;
}

// Returns the match count of every key, for query `query` of query head `head` (batch element 0).
std::vector<int> match_counts(const Trace& trace, std::uint64_t head, std::uint64_t query) {
  const TraceLayer& layer = trace.layers.front();
  const std::vector<float> q = row_of(layer.q, head, query);
  const std::uint64_t kv_head = head / (trace.shape.heads / trace.shape.kv_heads);
  std::vector<int> counts(trace.shape.keys);
  for (std::uint64_t key = 0; key < trace.shape.keys; ++key) {
    const std::vector<float> k = row_of(layer.k, kv_head, key);
    for (std::size_t i = 0; i < k.size(); ++i) counts[key] += (q[i] >= 0.0f) == (k[i] >= 0.0f);
  }
  return counts;
}

double mean_best_match(const Trace& trace) {
  double sum = 0.0;
  for (std::uint64_t head = 0; head < trace.shape.heads; ++head) {
    for (std::uint64_t query = 0; query < trace.shape.queries; ++query) {
      const std::vector<int> counts = match_counts(trace, head, query);
      sum += *std::max_element(counts.begin(), counts.end());
    }
  }
  return sum / static_cast<double>(trace.shape.heads * trace.shape.queries);
}

std::vector<float> all_values(const Tensor& tensor) {
  std::vector<float> values(tensor.elements());
  tensor.read(0, values);
  return values;
}

}  // namespace

TEST_CASE("a synthetic trace opens, has the shape asked for and states its parameters", "[trace]") {
  const TemporaryFolder folder;
  SyntheticSpec spec;
  spec.seed = 18446744073709551615u;
  spec.layers = 2;
  spec.batch = 3;
  spec.heads = 6;
  spec.kv_heads = 2;
  spec.queries = 5;
  spec.keys = 33;
  spec.head_dim = 7;  // odd: the last normal of a pair is dropped
  spec.value_dim = 3;
  spec.causal = true;
  spec.query_offset = 28;
  spec.window = 9;
  spec.scale = 0.1;
  spec.dtype = Dtype::bf16;
  write_synthetic(spec, folder / "t");
  const Trace trace = open_trace(folder / "t");
  CHECK(trace.shape == TraceShape{3, 6, 2, 5, 33, 7, 3});
  CHECK(trace.layers.size() == 2);
  CHECK(trace.layers[1].k.dtype == Dtype::bf16);
  CHECK(trace.causal);
  CHECK(trace.query_offset == 28);
  CHECK(trace.window == 9);
  CHECK(trace.scale == 0.1);
  CHECK(trace.metadata.at("synthetic.seed") == "18446744073709551615");
  CHECK(trace.metadata.at("synthetic.distribution") == "random");
  CHECK(!trace.layers[0].mask.has_value());
  CHECK(non_finite_values(trace).empty());
}

TEST_CASE("the same seed makes the same file, another seed another one", "[trace]") {
  const TemporaryFolder folder;
  for (const auto& choice : distributions) {
    SyntheticSpec spec = spec_of(choice.value);
    write_synthetic(spec, folder / "a");
    write_synthetic(spec, folder / "b");
    CHECK(read_bytes(folder / "a") == read_bytes(folder / "b"));
    spec.seed = 2;
    write_synthetic(spec, folder / "c");
    CHECK(read_bytes(folder / "a") != read_bytes(folder / "c"));
  }
}

TEST_CASE("a value does not depend on how many rows, heads or layers there are", "[trace]") {
  const TemporaryFolder folder;
  SyntheticSpec spec = spec_of(Distribution::random);
  spec.batch = 2;
  write_synthetic(spec, folder / "small");
  SyntheticSpec larger = spec;
  larger.layers = 2;
  larger.batch = 3;
  larger.heads = 8;
  larger.kv_heads = 4;
  larger.queries = 20;
  larger.keys = 600;
  write_synthetic(larger, folder / "large");
  const Trace a = open_trace(folder / "small");
  const Trace b = open_trace(folder / "large");
  const auto head_of = [](const Trace& trace, std::uint64_t batch, std::uint64_t head) {
    return batch * trace.shape.kv_heads + head;
  };
  CHECK(row_of(a.layers[0].k, head_of(a, 1, 1), 511) == row_of(b.layers[0].k, head_of(b, 1, 1), 511));
  CHECK(row_of(b.layers[0].k, 0, 0) != row_of(b.layers[1].k, 0, 0));
  CHECK(row_of(b.layers[0].k, 0, 0) != row_of(b.layers[0].k, 1, 0));
  CHECK(row_of(b.layers[0].k, head_of(b, 0, 0), 0) != row_of(b.layers[0].k, head_of(b, 1, 0), 0));
  CHECK(row_of(b.layers[0].k, 0, 0) != row_of(b.layers[0].v, 0, 0));
}

TEST_CASE("random values are standard normals and no number comes twice", "[trace]") {
  const TemporaryFolder folder;
  SyntheticSpec spec = spec_of(Distribution::random);
  spec.layers = 2;
  write_synthetic(spec, folder / "t");
  const Trace trace = open_trace(folder / "t");
  std::size_t elements = 0;
  std::set<float> seen;
  for (const TraceLayer& layer : trace.layers) {
    for (const Tensor* tensor : {&layer.q, &layer.k, &layer.v}) {
      const TensorScan scan = scan_tensor(*tensor);
      const double n = static_cast<double>(scan.elements);
      // Five standard errors: 1/sqrt(n) of the mean, 1/sqrt(2n) of the deviation, 1/(2 sqrt(n)) of a half.
      CHECK(std::fabs(scan.mean) < 5.0 / std::sqrt(n));
      CHECK(std::fabs(scan.population_std - 1.0) < 5.0 / std::sqrt(2.0 * n));
      CHECK(std::fabs(static_cast<double>(scan.ones) / n - 0.5) < 2.5 / std::sqrt(n));
      const std::vector<float> values = all_values(*tensor);
      seen.insert(values.begin(), values.end());
      elements += values.size();
    }
  }
  // Two streams that shared counters would repeat a third of the numbers; chance repeats a few of about 2^24.
  CHECK(static_cast<double>(seen.size()) > 0.95 * static_cast<double>(elements));
}

TEST_CASE("clustered keys win clearly, random ones do not", "[trace]") {
  const TemporaryFolder folder;
  write_synthetic(spec_of(Distribution::random), folder / "random");
  write_synthetic(spec_of(Distribution::clustered), folder / "clustered");
  const double random_best = mean_best_match(open_trace(folder / "random"));
  const double clustered_best = mean_best_match(open_trace(folder / "clustered"));
  // D = 64: matches of random signs have mean 32 and deviation 4; the best of 512 lies about 3 deviations up. A key of
  // the query's own cluster matches 64 * share, its best of about 32 one deviation higher at least.
  CHECK(random_best < 32.0 + 4.0 * 4.0);
  CHECK(clustered_best > 64.0 * clustered_match_share());
  CHECK(64.0 * clustered_match_share() > 32.0 + 5.0 * 4.0);
}

TEST_CASE("equal keys are all equal, of one head", "[trace]") {
  const TemporaryFolder folder;
  write_synthetic(spec_of(Distribution::equal), folder / "t");
  const Trace trace = open_trace(folder / "t");
  const Tensor& k = trace.layers[0].k;
  for (std::uint64_t key = 1; key < trace.shape.keys; ++key) REQUIRE(row_of(k, 0, key) == row_of(k, 0, 0));
  CHECK(row_of(k, 1, 0) != row_of(k, 0, 0));
}

TEST_CASE("ties straddle the border of the selection and of every tile", "[trace]") {
  const TemporaryFolder folder;
  for (const Dtype dtype : {Dtype::f32, Dtype::f16, Dtype::bf16}) {  // narrowing loses no sign
    SyntheticSpec spec = spec_of(Distribution::ties);
    spec.dtype = dtype;
    write_synthetic(spec, folder / "t");
    const Trace trace = open_trace(folder / "t");
    for (std::uint64_t head = 0; head < 4; ++head) {
      for (std::uint64_t query = 0; query < 16; ++query) {
        const std::vector<int> counts = match_counts(trace, head, query);
        std::map<int, int, std::greater<>> keys_with;
        for (const int count : counts) ++keys_with[count];
        REQUIRE(keys_with.size() == 3);
        const int best = keys_with.begin()->first;
        // Of every 64 keys: 1 best, 47 one below, 16 two below. With 512 keys a selection of 32 cuts through the
        // second.
        REQUIRE(keys_with[best] == 8 * 1);
        REQUIRE(keys_with[best - 1] == 8 * 47);
        REQUIRE(keys_with[best - 2] == 8 * 16);
        for (std::size_t border = 16; border < counts.size(); border += 64) {
          REQUIRE(counts[border - 1] == counts[border]);  // a tie on both sides of a tile's border
        }
      }
    }
  }
}

TEST_CASE("ties are made for the smallest head dimensions too", "[trace]") {
  const TemporaryFolder folder;
  for (const std::uint64_t head_dim : {1u, 2u, 3u, 4u}) {
    SyntheticSpec spec = spec_of(Distribution::ties);
    spec.head_dim = head_dim;
    write_synthetic(spec, folder / "t");
    const std::vector<int> counts = match_counts(open_trace(folder / "t"), 0, 0);
    // Keys flip in the lower half only: none of 1 dimension, one of 2 and 3, two of 4.
    const std::set<int> levels(counts.begin(), counts.end());
    CHECK(levels.size() == head_dim / 2 + 1);
  }
}

TEST_CASE("padding masks keys at the end, more for later batch elements", "[trace]") {
  const TemporaryFolder folder;
  SyntheticSpec spec = spec_of(Distribution::random);
  spec.keys = 10;
  spec.batch = 3;
  spec.padding = 4;
  write_synthetic(spec, folder / "t");
  const Trace trace = open_trace(folder / "t");
  REQUIRE(trace.layers[0].mask.has_value());
  CHECK(all_values(*trace.layers[0].mask) == std::vector<float>{1, 1, 1, 1, 1, 1, 1, 1, 1, 1,  //
                                                                1, 1, 1, 1, 1, 1, 1, 1, 0, 0,  //
                                                                1, 1, 1, 1, 1, 1, 0, 0, 0, 0});
  spec.batch = 1;
  spec.padding = 10;  // nothing left
  write_synthetic(spec, folder / "t");
  CHECK(all_values(*open_trace(folder / "t").layers[0].mask) == std::vector<float>(10, 0.0f));
}

TEST_CASE("a synthetic trace that makes no sense is refused, with everything that is wrong", "[trace]") {
  const TemporaryFolder folder;
  SyntheticSpec spec;
  spec.heads = 3;
  spec.kv_heads = 2;
  spec.padding = 1025;
  spec.window = 0;
  spec.scale = std::numeric_limits<double>::quiet_NaN();
  spec.dtype = Dtype::u8;
  const std::string problems = problems_of([&] { write_synthetic(spec, folder / "t"); });
  for (const char* part : {"heads: expected a multiple of kv_heads (2), got 3", "padding: expected 0 to 1024, got 1025",
                           "window: expected 1 to", "scale: expected a finite number above 0, got nan",
                           "dtype: expected F32, F16 or BF16, got U8"}) {
    CHECK_THAT(problems, ContainsSubstring(part));
  }
  SyntheticSpec none;
  none.keys = 0;
  CHECK_THAT(problems_of([&] { write_synthetic(none, folder / "t"); }), ContainsSubstring("keys: expected 1 to"));
  CHECK(!std::filesystem::exists(folder / "t"));
}
