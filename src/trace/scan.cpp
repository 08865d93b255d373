// SPDX-License-Identifier: Apache-2.0
#include "trace/scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>

#include "core/printable.h"

namespace capcam {
namespace {

constexpr std::size_t block_elements = 8192;

// Sums of blocks of values, joined in the order they come.
struct Moments {
  std::uint64_t elements = 0;
  double mean = 0.0;
  double squares = 0.0;  // sum of (x - mean)^2

  void add(std::span<const float> values);
  double deviation() const { return elements == 0 ? 0.0 : std::sqrt(squares / static_cast<double>(elements)); }
};

template <class Use>
void for_each_block(const Tensor& tensor, Use use) {
  const std::uint64_t elements = tensor.elements();
  std::vector<float> block(static_cast<std::size_t>(std::min<std::uint64_t>(block_elements, elements)));
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

void Moments::add(std::span<const float> values) {
  double sum = 0.0;
  for (const float value : values) sum += double{value};
  const double count = static_cast<double>(values.size());
  const double block_mean = sum / count;
  double block_squares = 0.0;
  for (const float value : values) block_squares += (double{value} - block_mean) * (double{value} - block_mean);

  const double before = static_cast<double>(elements);
  const double difference = block_mean - mean;
  elements += values.size();
  const double after = static_cast<double>(elements);
  mean += difference * (count / after);
  squares += block_squares + difference * difference * before * (count / after);
}

}  // namespace

TensorScan scan_tensor(const Tensor& tensor) {
  TensorScan scan;
  Moments moments;
  for_each_block(tensor, [&](std::uint64_t first, std::span<const float> values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      const float value = values[i];
      scan.ones += value >= 0.0f ? 1u : 0u;
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
    moments.add(values);
  });
  scan.elements = moments.elements;
  scan.mean = moments.mean;
  scan.population_std = moments.deviation();
  return scan;
}

double population_std(const Tensor& tensor) { return scan_tensor(tensor).population_std; }

double population_std(const Tensor& tensor, const std::function<bool(std::uint64_t row)>& takes_part) {
  const std::uint64_t width = tensor.shape.back();
  if (width == 0) return 0.0;
  std::vector<float> row(static_cast<std::size_t>(width));
  std::vector<float> block;  // of the same size as those of the whole tensor
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

std::vector<std::string> non_finite_values(const Trace& trace, std::vector<TensorScan>* values) {
  std::vector<std::string> problems;
  for (const TraceLayer& layer : trace.layers) {
    for (const Tensor* tensor : {&layer.q, &layer.k, &layer.v}) {
      const TensorScan scan = scan_tensor(*tensor);
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
