// SPDX-License-Identifier: Apache-2.0
#include "trace/safetensors.h"
#include "trace/scan.h"

#include <cmath>
#include <limits>

#include "support/catch.h"
#include "support/raw_safetensors.h"

using namespace capcam;
using namespace capcam::testing;

namespace {

Tensor tensor_of(const std::vector<float>& values, std::vector<std::uint64_t> shape) {
  return {"x", Dtype::f32, std::move(shape), std::as_bytes(std::span(values))};
}

// A trace of one layer with 1 x 2 heads, 3 queries, 4 keys, D = Dv = 2.
Trace small_trace(const std::filesystem::path& path, const std::vector<float>& q, const std::vector<float>& k,
                  const std::vector<float>& v, const std::vector<float>& mask) {
  SafetensorsWriter writer(path, {{"format", "capcam-trace"}, {"version", "1"}},
                           {{"layers.4.q", Dtype::f32, {1, 2, 3, 2}},
                            {"layers.4.k", Dtype::f32, {1, 2, 4, 2}},
                            {"layers.4.v", Dtype::f32, {1, 2, 4, 2}},
                            {"layers.4.mask", Dtype::u8, {1, 4}}});
  for (const auto* values : {&q, &k, &v, &mask}) writer.append(*values);
  writer.finish();
  return open_trace(path);
}

}  // namespace

TEST_CASE("the population standard deviation agrees with numbers done by hand", "[trace]") {
  // Mean 5, squared distances 9 1 1 1 0 0 4 16 = 32, 32 / 8 = 4.
  const std::vector<float> eight{2, 4, 4, 4, 5, 5, 7, 9};
  CHECK(population_std(tensor_of(eight, {2, 4})) == Approx(2.0).epsilon(1e-15));
  const std::vector<float> same(100'000, 0.1f);
  CHECK(population_std(tensor_of(same, {100'000})) == 0.0);
  const std::vector<float> one{3.0f};
  CHECK(population_std(tensor_of(one, {1})) == 0.0);
}

TEST_CASE("the standard deviation of many blocks keeps its digits far from zero", "[trace]") {
  // 0 .. n-1, moved by 2^20: variance (n^2 - 1) / 12 exactly, whatever the mean.
  constexpr std::uint64_t n = 50'001;  // blocks that do not come out even
  std::vector<float> values(n);
  for (std::uint64_t i = 0; i < n; ++i) values[i] = static_cast<float>((1u << 20) + i);
  CHECK(population_std(tensor_of(values, {n})) == Approx(std::sqrt((double{n} * n - 1.0) / 12.0)).epsilon(1e-13));
}

TEST_CASE("the standard deviation of some rows is that of a tensor without the others, to the last bit", "[trace]") {
  constexpr std::uint64_t rows = 3000, width = 7;  // blocks that begin within a row
  std::vector<float> all, kept;
  for (std::uint64_t i = 0; i < rows; ++i) {
    const bool keep = i % 3 != 1;
    for (std::uint64_t d = 0; d < width; ++d) {
      all.push_back(keep ? static_cast<float>((i * 37 + d * 11) % 101) * 0.173f : 1e6f);
      if (keep) kept.push_back(all.back());
    }
  }
  const auto keeps = [](std::uint64_t row) { return row % 3 != 1; };
  CHECK(population_std(tensor_of(all, {rows, width}), keeps) == population_std(tensor_of(kept, {2000, width})));
  CHECK(population_std(tensor_of(all, {rows, width}), [](std::uint64_t) { return true; }) ==
        population_std(tensor_of(all, {rows, width})));
  CHECK(population_std(tensor_of(all, {rows, width}), [](std::uint64_t) { return false; }) == 0.0);
}

TEST_CASE("ones are counted as the machine binarises: -0.0 is one", "[trace]") {
  const std::vector<float> values{-1.0f, -0.0f, 0.0f, 1.0f, -1e-30f};
  const TensorScan scan = scan_tensor(tensor_of(values, {5}));
  CHECK(scan.ones == 3);
  CHECK(scan.elements == 5);
}

TEST_CASE("the first value that is not finite is named with its index", "[trace]") {
  const TemporaryFolder folder;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  std::vector<float> q(12, 1.0f);
  std::vector<float> k(16, 1.0f);
  std::vector<float> v(16, 1.0f);
  std::vector<float> mask(4, 1.0f);
  CHECK(non_finite_values(small_trace(folder / "good", q, k, v, mask)).empty());

  q[1 * 6 + 2 * 2 + 1] = nan;  // [0, 1, 2, 1], a head has 3 x 2
  k[0 * 8 + 3 * 2 + 0] = -infinity;
  k[15] = nan;
  mask[2] = 7.0f;
  mask[3] = 0.0f;
  const std::vector<std::string> problems = non_finite_values(small_trace(folder / "bad", q, k, v, mask));
  REQUIRE(problems.size() == 3);
  CHECK(problems[0] == "layers.4.q[0, 1, 2, 1]: expected a finite number, got nan");
  CHECK(problems[1] == "layers.4.k[0, 0, 3, 0]: expected a finite number, got -inf (2 such values of 16)");
  CHECK(problems[2] == "layers.4.mask[0, 2]: expected 0 or 1, got 7");
}
