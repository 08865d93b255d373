// SPDX-License-Identifier: Apache-2.0
#include "trace/scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <span>

#include "core/printable.h"
#include "core/target_clones.h"

namespace capcam {
namespace {

constexpr std::size_t block_elements = 8192;

constexpr std::size_t blocks_at_once = 4;  // so many sums need not wait for each other

// Sums up blocks of values, which are joined in the order in which they come.
struct Moments {
  std::uint64_t elements = 0;
  double mean = 0.0;
  double squares = 0.0;  // sum of (x - mean)^2

  void add(std::span<const float> values);  // adds one block
  void add_blocks(std::span<const float> values);
  double deviation() const { return elements == 0 ? 0.0 : std::sqrt(squares / static_cast<double>(elements)); }
};

template <class Use>
void for_each_block(const Tensor& tensor, Use use) {
  const std::uint64_t elements = tensor.elements();
  std::vector<float> block(
      static_cast<std::size_t>(std::min<std::uint64_t>(blocks_at_once * block_elements, elements)));
  for (std::uint64_t first = 0; first < elements; first += block.size()) {
    const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(block.size(), elements - first));
    const std::span<float> values(block.data(), count);
    tensor.read(first, values);
    use(first, std::span<const float>(values));
  }
}

// "layers.0.k[0, 1, 17, 5]"
std::string place(const Tensor& tensor, std::uint64_t flat) {
  std::vector<std::uint64_t> index(tensor.shape.size());
  for (std::size_t i = index.size(); i-- > 0;) {
    index[i] = flat % tensor.shape[i];
    flat /= tensor.shape[i];
  }
  return printable(tensor.name) + shape_text(index);
}

std::string count_text(std::uint64_t count, std::uint64_t elements) {
  return count == 1 ? std::string() : fmt::format(" ({} such values of {})", count, elements);
}

std::optional<std::string> mask_problem(const Tensor& mask) {
  std::uint64_t wrong = 0;
  std::uint64_t first_wrong = 0;
  float got = 0.0f;
  for_each_block(mask, [&](std::uint64_t first, std::span<const float> values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i] == 0.0f || values[i] == 1.0f || wrong++ > 0) continue;
      first_wrong = first + i;
      got = values[i];
    }
  });
  if (wrong == 0) return std::nullopt;
  return fmt::format("{}: expected 0 or 1, got {}{}", place(mask, first_wrong), got,
                     count_text(wrong, mask.elements()));
}

// Sums up `blocks` blocks of `size` values one behind the other, each in the order of its values.
template <std::size_t blocks>
void sum_up(const float* values, std::size_t size, double (&sums)[blocks]) {
  std::fill_n(sums, blocks, 0.0);
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t b = 0; b < blocks; ++b) sums[b] += double{values[b * size + i]};
  }
}

// Does the same with (x - mean)^2.
template <std::size_t blocks>
void sum_up_squares(const float* values, std::size_t size, const double (&means)[blocks], double (&sums)[blocks]) {
  std::fill_n(sums, blocks, 0.0);
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t b = 0; b < blocks; ++b) {
      const double difference = double{values[b * size + i]} - means[b];
      sums[b] += difference * difference;
    }
  }
}

template <std::size_t blocks>
void add_to(Moments& moments, const float* values, std::size_t size) {
  double means[blocks], squares[blocks];
  sum_up(values, size, means);
  const double count = static_cast<double>(size);
  for (double& mean : means) mean /= count;
  sum_up_squares(values, size, means, squares);
  for (std::size_t b = 0; b < blocks; ++b) {
    const double before = static_cast<double>(moments.elements);
    const double difference = means[b] - moments.mean;
    moments.elements += size;
    const double after = static_cast<double>(moments.elements);
    moments.mean += difference * (count / after);
    moments.squares += squares[b] + difference * difference * before * (count / after);
  }
}

void Moments::add(std::span<const float> values) { add_to<1>(*this, values.data(), values.size()); }

void Moments::add_blocks(std::span<const float> values) {
  constexpr std::size_t many = blocks_at_once * block_elements;
  for (; values.size() >= many; values = values.subspan(many))
    add_to<blocks_at_once>(*this, values.data(), block_elements);
  for (; !values.empty(); values = values.subspan(std::min(block_elements, values.size())))
    add(values.first(std::min(block_elements, values.size())));
}

// Returns the largest of the magnitudes, which is above that of infinity if there is a NaN.
CAPCAM_VECTOR_CLONES
std::uint32_t largest_pattern(const float* values, std::size_t count) {
  std::uint32_t largest = 0;
  for (std::size_t i = 0; i < count; ++i)
    largest = std::max(largest, std::bit_cast<std::uint32_t>(values[i]) & 0x7fffffffu);
  return largest;
}

CAPCAM_VECTOR_CLONES
std::uint32_t count_ones(const float* values, std::size_t count) {
  std::uint32_t ones = 0;
  for (std::size_t i = 0; i < count; ++i) ones += values[i] >= 0.0f ? 1u : 0u;
  return ones;
}

// Does what must be done with values one by one.
void look_at(std::uint64_t first, std::span<const float> values, Extremes& scan) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float value = values[i];
    if (std::isfinite(value)) {
      if (std::abs(value) > scan.largest) {
        scan.largest = std::abs(value);
        scan.largest_at = first + i;
      }
      continue;
    }
    if (scan.non_finite++ > 0) continue;
    scan.first_non_finite = first + i;
    scan.first_non_finite_value = value;
  }
}

// Nearly no block has a NaN, an infinity, or a value larger than those before.
void add_block(std::uint64_t first, std::span<const float> values, Extremes& scan) {
  scan.elements += values.size();
  const float largest = std::bit_cast<float>(largest_pattern(values.data(), values.size()));
  if (!(largest <= scan.largest)) look_at(first, values, scan);
}

}  // namespace

Extremes extremes_of(const Tensor& tensor) {
  Extremes extremes;
  for_each_block(tensor,
                 [&](std::uint64_t first, std::span<const float> values) { add_block(first, values, extremes); });
  return extremes;
}

TensorScan scan_tensor(const Tensor& tensor) {
  TensorScan scan;
  Moments moments;
  for_each_block(tensor, [&](std::uint64_t first, std::span<const float> values) {
    add_block(first, values, scan);
    scan.ones += count_ones(values.data(), values.size());
    moments.add_blocks(values);
  });
  scan.mean = moments.mean;
  scan.population_std = moments.deviation();
  return scan;
}

double population_std(const Tensor& tensor) {
  Moments moments;
  for_each_block(tensor, [&](std::uint64_t, std::span<const float> values) { moments.add_blocks(values); });
  return moments.deviation();
}

double population_std(const Tensor& tensor, const std::function<bool(std::uint64_t row)>& takes_part) {
  const std::uint64_t width = tensor.shape.back();
  if (width == 0) return 0.0;
  std::vector<float> row(static_cast<std::size_t>(width));
  std::vector<float> block;  // is as large as the blocks of the whole tensor
  Moments moments;
  for (std::uint64_t i = 0; i < tensor.elements() / width; ++i) {
    if (!takes_part(i)) continue;
    tensor.read(i * width, row);
    block.insert(block.end(), row.begin(), row.end());
    std::size_t used = 0;
    for (; block.size() - used >= block_elements; used += block_elements)
      moments.add(std::span(block).subspan(used, block_elements));
    block.erase(block.begin(), block.begin() + static_cast<std::ptrdiff_t>(used));
  }
  if (!block.empty()) moments.add(block);
  return moments.deviation();
}

std::vector<std::string> non_finite_values(const Trace& trace, std::vector<Extremes>* values) {
  std::vector<std::string> problems;
  for (const TraceLayer& layer : trace.layers) {
    for (const Tensor* tensor : {&layer.q, &layer.k, &layer.v}) {
      const Extremes scan = extremes_of(*tensor);
      if (values != nullptr && tensor == &layer.v) values->push_back(scan);
      if (scan.non_finite == 0) continue;
      problems.push_back(fmt::format("{}: expected a finite number, got {}{}", place(*tensor, scan.first_non_finite),
                                     scan.first_non_finite_value, count_text(scan.non_finite, scan.elements)));
    }
    if (!layer.mask) continue;
    if (const auto problem = mask_problem(*layer.mask)) problems.push_back(*problem);
  }
  return problems;
}

}  // namespace capcam
