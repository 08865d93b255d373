// SPDX-License-Identifier: Apache-2.0
#include "workload/workload.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "capcam/error.h"
#include "core/target_clones.h"
#include "kernels/softmax.h"
#include "trace/scan.h"

namespace capcam {
namespace {

// Checks that every dimension has work and that no index needs more than the machine's 32 bits.
void check_shape(const TraceShape& shape, std::size_t layers, std::vector<std::string>& problems) {
  constexpr std::uint64_t limit = std::numeric_limits<std::int32_t>::max();
  const std::pair<const char*, std::uint64_t> dimensions[] = {
      {"batch", shape.batch}, {"heads", shape.heads},       {"kv_heads", shape.kv_heads},   {"queries", shape.queries},
      {"keys", shape.keys},   {"head_dim", shape.head_dim}, {"value_dim", shape.value_dim}, {"layers", layers}};
  for (const auto& [name, size] : dimensions) {
    if (size == 0 || size > limit) problems.push_back(fmt::format("{}: expected 1 to {}, got {}", name, limit, size));
  }
  if (!problems.empty()) return;
  if (shape.batch * shape.heads > limit / layers) {
    problems.push_back(fmt::format("layers ({}) * batch ({}) * heads ({}): more than {} heads", layers, shape.batch,
                                   shape.heads, limit));
  }
  if (shape.heads % shape.kv_heads != 0) {
    problems.push_back(fmt::format("heads ({}) is no multiple of kv_heads ({})", shape.heads, shape.kv_heads));
  }
}

BitRows pack_rows(const Tensor& tensor, std::uint64_t first_row, std::uint32_t rows, const Segmentation& segmentation) {
  constexpr std::uint32_t at_once = 64;  // rows that are read
  const std::size_t width = segmentation.head_dim;
  BitRows bits(segmentation, rows);
  std::vector<float> numbers(std::min(at_once, rows) * width);
  for (std::uint32_t first = 0; first < rows; first += at_once) {
    const std::uint32_t count = std::min(at_once, rows - first);
    tensor.read((first_row + first) * width, std::span(numbers).first(count * width));
    for (std::uint32_t i = 0; i < count; ++i) bits.pack(first + i, std::span(numbers).subspan(i * width, width));
  }
  return bits;
}

std::string does_not_fit(const Tensor& values, std::uint64_t element, const TraceShape& shape) {
  float value = 0.0f;
  values.read(element, {&value, 1});
  return fmt::format("{}[{}, {}, {}, {}]: {} rounds to infinity: use value.format = \"fp32\"", values.name,
                     element / (shape.kv_heads * shape.keys * shape.value_dim),
                     element / (shape.keys * shape.value_dim) % shape.kv_heads, element / shape.value_dim % shape.keys,
                     element % shape.value_dim, value);
}

// Returns the largest magnitude of values without a NaN, whose magnitudes are in the order of their bits.
CAPCAM_VECTOR_CLONES
float largest_magnitude(const float* values, std::size_t count) {
  std::uint32_t largest = 0;
  for (std::size_t i = 0; i < count; ++i)
    largest = std::max(largest, std::bit_cast<std::uint32_t>(values[i]) & 0x7fffffffu);
  return std::bit_cast<float>(largest);
}

CAPCAM_VECTOR_CLONES
void round_all_bf16(float* values, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) values[i] = round_bf16(values[i]);
}

std::vector<float> read_values(const Tensor& tensor, std::uint64_t first_row, const TraceShape& shape,
                               NumberFormat format) {
  std::vector<float> values(shape.keys * shape.value_dim);
  tensor.read(first_row * shape.value_dim, values);
  if (format == NumberFormat::fp32 || tensor.dtype == Dtype::bf16) return values;
  const auto too_large = [](float value) { return !std::isfinite(round_bf16(value)); };
  if (too_large(largest_magnitude(values.data(), values.size()))) {  // no NaN comes here
    const auto found = std::find_if(values.begin(), values.end(), too_large);
    const std::uint64_t element = first_row * shape.value_dim + static_cast<std::uint64_t>(found - values.begin());
    throw InputError("values do not fit value.format = \"bf16\"", {does_not_fit(tensor, element, shape)});
  }
  round_all_bf16(values.data(), values.size());
  return values;
}

}  // namespace

Workload::Workload(const Trace& trace, const Config& config) : trace_(&trace), value_format_(config.value.format) {
  const TraceShape& shape = trace.shape;
  std::vector<std::string> problems;
  check_shape(shape, trace.layers.size(), problems);
  if (!problems.empty()) throw InputError(fmt::format("{}: shape", trace.path.string()), std::move(problems));
  std::vector<Extremes> values;
  problems = non_finite_values(trace, &values);
  for (const Extremes& scan : values) largest_values_.push_back({scan.largest, scan.largest_at});

  segmentation_ = {static_cast<std::uint32_t>(shape.head_dim), config.array.columns};
  if (problems.empty()) {
    for (const TraceLayer& layer : trace.layers) {
      masks_.push_back(pack_masks(layer, shape));
      const Sigmas sigmas = sigmas_of(trace, layer, masks_.back());
      const double scale = trace.scale_of(layer).value_or(1.0 / std::sqrt(static_cast<double>(shape.head_dim)));
      const double score_scale = sigmas.q * sigmas.k * scale;
      if (!std::isfinite(score_scale) || score_scale < 0.0) {
        problems.push_back(fmt::format("layer {}: sigma_q ({}) * sigma_k ({}) * scale ({}) is {}, expected 0 or more",
                                       layer.index, sigmas.q, sigmas.k, scale, score_scale));
      }
      sigmas_.push_back(sigmas);
      scales_.push_back(scale);
    }
  }
  if (!problems.empty()) throw InputError(fmt::format("{}: values", trace.path.string()), std::move(problems));
}

Workload::Workload(const Workload& same, const Config& config) : Workload(same) {
  segmentation_.columns = config.array.columns;
  value_format_ = config.value.format;
  check_values_fit();
}

void Workload::check_values_fit() const {
  if (value_format_ == NumberFormat::fp32) return;
  std::vector<std::string> problems;
  for (std::size_t layer = 0; layer < largest_values_.size(); ++layer) {
    const auto& [magnitude, element] = largest_values_[layer];
    if (!std::isfinite(round_bf16(magnitude)))
      problems.push_back(does_not_fit(trace_->layers[layer].v, element, trace_->shape));
  }
  if (!problems.empty()) throw InputError("values do not fit value.format = \"bf16\"", std::move(problems));
}

std::uint32_t Workload::head_count() const {
  return static_cast<std::uint32_t>(trace_->layers.size() * trace_->shape.batch * trace_->shape.heads);
}

HeadId Workload::id(std::uint32_t index) const {
  const auto heads = static_cast<std::uint32_t>(trace_->shape.heads);
  const auto batches = static_cast<std::uint32_t>(trace_->shape.batch);
  const auto group = heads / static_cast<std::uint32_t>(trace_->shape.kv_heads);
  const std::uint32_t head = index % heads;
  return {index / heads / batches, index / heads % batches, head, head / group};
}

ValidKeyRule Workload::valid_keys(const HeadId& id) const {
  return valid_key_rule(*trace_, trace_->layers[id.layer], masks_[id.layer][id.batch]);
}

std::shared_ptr<Head> Workload::make_bits(std::uint32_t index) const {
  const TraceShape& shape = trace_->shape;
  auto head = std::make_shared<Head>();
  head->id = id(index);
  // Multiples of 2^32 over the golden ratio, modulo 2^32, keep their distance from each other.
  constexpr std::uint64_t call_stride = 0x9E3779B1;
  head->number =
      static_cast<std::uint32_t>((trace_->layers[head->id.layer].index * shape.batch + head->id.batch) * shape.heads +
                                 head->id.head + trace_->call * call_stride);
  head->queries = static_cast<std::uint32_t>(shape.queries);
  head->keys = static_cast<std::uint32_t>(shape.keys);
  head->value_dim = static_cast<std::uint32_t>(shape.value_dim);
  head->score_scale = score_scale(head->id.layer);
  head->valid = valid_keys(head->id);

  const TraceLayer& layer = trace_->layers[head->id.layer];
  const std::uint64_t query_row = (head->id.batch * shape.heads + head->id.head) * shape.queries;
  const std::uint64_t key_row = (head->id.batch * shape.kv_heads + head->id.kv_head) * shape.keys;
  head->query_bits = pack_rows(layer.q, query_row, head->queries, segmentation_);
  head->key_bits = pack_rows(layer.k, key_row, head->keys, segmentation_);
  return head;
}

std::shared_ptr<const Head> Workload::head_bits(std::uint32_t index) const { return make_bits(index); }

std::shared_ptr<const Head> Workload::head(std::uint32_t index) const {
  const TraceShape& shape = trace_->shape;
  std::shared_ptr<Head> head = make_bits(index);
  const std::uint64_t key_row = (head->id.batch * shape.kv_heads + head->id.kv_head) * shape.keys;
  head->values = read_values(trace_->layers[head->id.layer].v, key_row, shape, value_format_);
  return head;
}

bool Workload::same_keys(std::uint32_t a, std::uint32_t b) const {
  const HeadId left = id(a);
  const HeadId right = id(b);
  return left.layer == right.layer && left.batch == right.batch && left.kv_head == right.kv_head;
}

}  // namespace capcam
