// SPDX-License-Identifier: Apache-2.0
#include "trace/synthetic.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <numbers>
#include <span>
#include <string>
#include <vector>

#include "capcam/error.h"
#include "core/normal_rows.h"
#include "core/parallel.h"
#include "core/philox.h"

namespace capcam {
namespace {

constexpr double query_noise = 0.25;
constexpr double key_noise = 0.5;
constexpr std::uint64_t keys_per_cluster = 32;

// Says what a random number is for, so that no two uses share a counter.
enum class Stream : std::uint32_t { q, k, v, centre, query_cluster, key_cluster, base, query_signs, key_flips };

class Rows {
 public:
  explicit Rows(const SyntheticSpec& spec) : spec_(spec), seed_key_(philox_key(spec.seed)) {}

  // Names the row `row` of q, k or v of one head; `head` counts the heads of that tensor.
  void q(std::uint64_t layer, std::uint64_t batch, std::uint64_t head, std::uint64_t row, std::span<float> out) const;
  void k(std::uint64_t layer, std::uint64_t batch, std::uint64_t head, std::uint64_t row, std::span<float> out) const;
  void v(std::uint64_t layer, std::uint64_t batch, std::uint64_t head, std::uint64_t row, std::span<float> out) const {
    normals(Stream::v, {layer, batch, head, row}, out);
  }

 private:
  struct Place {
    std::uint64_t layer, batch, head, row;
  };

  // Layer and batch element choose the key, the rest is counted: five indices do not fit a counter's four words.
  PhiloxKey key(const Place& at) const {
    const PhiloxCounter words =
        philox4x32({static_cast<std::uint32_t>(at.layer), static_cast<std::uint32_t>(at.batch), 0, 0}, seed_key_);
    return {words[0], words[1]};
  }

  static PhiloxCounter counter(Stream stream, const Place& at, std::uint64_t draw) {
    return {static_cast<std::uint32_t>(draw), static_cast<std::uint32_t>(at.row), static_cast<std::uint32_t>(at.head),
            static_cast<std::uint32_t>(stream)};
  }

  void normals(Stream stream, const Place& at, std::span<float> out) const {
    fill_normals(counter(stream, at, 0), key(at), out);
  }

  std::uint32_t word(Stream stream, const Place& at, std::uint64_t draw) const {
    return philox4x32(counter(stream, at, draw), key(at))[0];
  }

  // Makes a centre of the key head plus noise.
  void near_centre(Stream which, Stream noise, double noise_std, const Place& at, std::uint64_t key_head,
                   std::span<float> out) const {
    const std::uint64_t clusters = std::max<std::uint64_t>(1, spec_.keys / keys_per_cluster);
    const std::uint64_t cluster = word(which, at, 0) % clusters;
    std::vector<float> centre(out.size());
    normals(Stream::centre, {at.layer, at.batch, key_head, cluster}, centre);
    normals(noise, at, out);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = centre[i] + static_cast<float>(noise_std) * out[i];
  }

  // Makes the rows of `ties`, with the signs of the key head's base row. Magnitudes stay clear of 0, where rounding to
  // a narrow format could lose a sign.
  void with_base_signs(Stream magnitudes, const Place& at, std::uint64_t key_head, std::span<float> out) const {
    std::vector<float> base(out.size());
    normals(Stream::base, {at.layer, at.batch, key_head, 0}, base);
    normals(magnitudes, at, out);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = std::copysign(0.25f + std::fabs(out[i]), base[i]);
  }

  const SyntheticSpec& spec_;
  PhiloxKey seed_key_;
};

void Rows::q(std::uint64_t layer, std::uint64_t batch, std::uint64_t head, std::uint64_t row,
             std::span<float> out) const {
  const Place at{layer, batch, head, row};
  const std::uint64_t key_head = head / (spec_.heads / spec_.kv_heads);
  switch (spec_.distribution) {
    case Distribution::random:
    case Distribution::equal:
      normals(Stream::q, at, out);
      break;
    case Distribution::clustered:
      near_centre(Stream::query_cluster, Stream::q, query_noise, at, key_head, out);
      break;
    case Distribution::ties:
      // Queries differ from the base in the upper half of the dimensions, keys in the lower half: the match count is
      // D minus both, so keys that flip equally many tie for every query.
      with_base_signs(Stream::q, at, key_head, out);
      for (std::size_t i = out.size() / 2; i < out.size(); ++i) {
        if ((word(Stream::query_signs, at, i) & 1u) != 0u) out[i] = -out[i];
      }
      break;
  }
}

void Rows::k(std::uint64_t layer, std::uint64_t batch, std::uint64_t head, std::uint64_t row,
             std::span<float> out) const {
  const Place at{layer, batch, head, row};
  switch (spec_.distribution) {
    case Distribution::random:
      normals(Stream::k, at, out);
      break;
    case Distribution::equal:
      normals(Stream::base, {layer, batch, head, 0}, out);
      break;
    case Distribution::clustered:
      near_centre(Stream::key_cluster, Stream::k, key_noise, at, head, out);
      break;
    case Distribution::ties: {
      with_base_signs(Stream::k, at, head, out);
      // The best key of 64 comes last of them, so the lower index never wins by chance; all else ties across tiles.
      const std::size_t half = out.size() / 2;
      const std::size_t wanted = row % 64 == 63 ? 0 : row % 4 == 1 ? 2 : 1;
      const std::size_t flips = std::min(wanted, half);
      const std::size_t first = half == 0 ? 0 : word(Stream::key_flips, at, 0) % half;
      for (std::size_t i = 0; i < flips; ++i) out[(first + i) % half] *= -1.0f;
      break;
    }
  }
}

std::string_view name_of(Distribution distribution) {
  for (const auto& choice : distributions) {
    if (choice.value == distribution) return choice.name;
  }
  throw LawBroken("a distribution without a name");
}

void check(const SyntheticSpec& spec, const std::filesystem::path& out) {
  constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
  std::vector<std::string> problems;
  const auto in_range = [&](std::string_view word, std::uint64_t got, std::uint64_t least, std::uint64_t limit) {
    if (got >= least && got <= limit) return true;
    problems.push_back(fmt::format("{}: expected {} to {}, got {}", word, least, limit, got));
    return false;
  };
  bool sizes_fit = in_range("layers", spec.layers, 1, 65535);  // the file's header lists them all
  sizes_fit &= in_range("batch", spec.batch, 1, most);
  sizes_fit &= in_range("heads", spec.heads, 1, most);
  sizes_fit &= in_range("kv_heads", spec.kv_heads, 1, most);
  sizes_fit &= in_range("queries", spec.queries, 1, most);
  sizes_fit &= in_range("keys", spec.keys, 1, most);
  sizes_fit &= in_range("head_dim", spec.head_dim, 1, most);
  sizes_fit &= in_range("value_dim", spec.value_dim, 1, most);
  in_range("query_offset", spec.query_offset, 0, most);
  if (spec.window) in_range("window", *spec.window, 1, most);
  if (sizes_fit) {
    if (spec.heads % spec.kv_heads != 0) {
      problems.push_back(fmt::format("heads: expected a multiple of kv_heads ({}), got {}", spec.kv_heads, spec.heads));
    }
    std::uint64_t heads = 0;
    if (__builtin_mul_overflow(spec.layers * spec.batch, spec.heads, &heads) || heads > most) {
      problems.push_back(fmt::format("layers x batch x heads: expected at most {}, got {} x {} x {}", most, spec.layers,
                                     spec.batch, spec.heads));
    }
    in_range("padding", spec.padding, 0, spec.keys);
    for (const std::uint64_t pruned : spec.pruned_keys) in_range("pruned_keys", pruned, 0, spec.keys - 1);
  }
  if (spec.scale && !(std::isfinite(*spec.scale) && *spec.scale > 0.0)) {
    problems.push_back(fmt::format("scale: expected a finite number above 0, got {}", *spec.scale));
  }
  if (spec.dtype != Dtype::f32 && spec.dtype != Dtype::f16 && spec.dtype != Dtype::bf16) {
    problems.push_back(fmt::format("dtype: expected F32, F16 or BF16, got {}", dtype_name(spec.dtype)));
  }
  if (!problems.empty()) throw InputError(fmt::format("{} cannot be made", out.string()), std::move(problems));
}

std::map<std::string, std::string> metadata_of(const SyntheticSpec& spec) {
  std::map<std::string, std::string> metadata{
      {"format", "capcam-trace"},
      {"version", "1"},
      {"model", spec.model.empty() ? fmt::format("synthetic {}", name_of(spec.distribution)) : spec.model},
      {"causal", spec.causal ? "true" : "false"},
      {"query_offset", std::to_string(spec.query_offset)},
      {"synthetic.seed", std::to_string(spec.seed)},
      {"synthetic.distribution", std::string(name_of(spec.distribution))},
      {"synthetic.layers", std::to_string(spec.layers)},
      {"synthetic.batch", std::to_string(spec.batch)},
      {"synthetic.heads", std::to_string(spec.heads)},
      {"synthetic.kv_heads", std::to_string(spec.kv_heads)},
      {"synthetic.queries", std::to_string(spec.queries)},
      {"synthetic.keys", std::to_string(spec.keys)},
      {"synthetic.head_dim", std::to_string(spec.head_dim)},
      {"synthetic.value_dim", std::to_string(spec.value_dim)},
      {"synthetic.dtype", std::string(dtype_name(spec.dtype))},
      {"synthetic.padding", std::to_string(spec.padding)},
  };
  if (spec.window) metadata["window"] = std::to_string(*spec.window);
  if (spec.scale) metadata["scale"] = fmt::format("{}", *spec.scale);
  metadata.insert(spec.metadata.begin(), spec.metadata.end());
  return metadata;
}

// Returns the number of keys that are masked at the end of a batch element.
std::uint64_t padded_keys(const SyntheticSpec& spec, std::uint64_t batch) {
  return spec.batch == 1 ? spec.padding : spec.padding * batch / (spec.batch - 1);
}

// Returns 1 for each key of a batch element that neither padding nor pruning takes off.
std::vector<float> mask_of(const SyntheticSpec& spec, std::uint64_t layer, std::uint64_t batch) {
  std::vector<float> valid(static_cast<std::size_t>(spec.keys), 1.0f);
  std::fill(valid.end() - static_cast<std::ptrdiff_t>(padded_keys(spec, batch)), valid.end(), 0.0f);
  const std::uint64_t pruned = spec.pruned_keys.empty() ? 0 : spec.pruned_keys[layer];
  for (std::uint64_t i = 0; i < pruned; ++i) valid[static_cast<std::size_t>(i * (spec.keys - 1) / pruned)] = 0.0f;
  return valid;
}

bool has_mask(const SyntheticSpec& spec) {
  return spec.padding > 0 ||
         std::any_of(spec.pruned_keys.begin(), spec.pruned_keys.end(), [](std::uint64_t pruned) { return pruned > 0; });
}

}  // namespace

double clustered_match_share() {
  const double correlation = 1.0 / std::sqrt((1.0 + query_noise * query_noise) * (1.0 + key_noise * key_noise));
  return 1.0 - std::acos(correlation) / std::numbers::pi;
}

std::uint64_t synthetic_rows(const SyntheticSpec& spec) {
  return spec.layers * spec.batch * (spec.heads * spec.queries + 2 * spec.kv_heads * spec.keys);
}

namespace {

// Makes many rows at a time, over threads, and writes them in their order.
class RowWriter {
 public:
  using Make = void (Rows::*)(std::uint64_t layer, std::uint64_t batch, std::uint64_t head, std::uint64_t row,
                              std::span<float> out) const;
  RowWriter(const SyntheticSpec& spec, SafetensorsWriter& writer, const std::function<bool(std::uint64_t)>& done)
      : rows_(spec), writer_(writer), done_(done) {}

  // `shape` is the tensor's: [batch, heads, rows, width].
  void write(Make make, std::uint64_t layer, const std::vector<std::uint64_t>& shape) {
    const std::uint64_t width = shape[3], all = shape[0] * shape[1] * shape[2];
    const std::uint64_t of_part = std::max<std::uint64_t>(1, part_elements / width);  // rows
    for (std::uint64_t first = 0; first < all; first += of_part * parts) {
      const std::uint64_t count = std::min(of_part * parts, all - first);
      values_.resize(static_cast<std::size_t>(count * width));
      const auto used = static_cast<std::uint32_t>((count + of_part - 1) / of_part);
      for_each_index(
          used, 0, [] { return false; },
          [&](std::uint32_t part) {
            for (std::uint64_t i = part * of_part; i < std::min(count, (part + 1) * of_part); ++i) {
              const std::uint64_t row = first + i, head = row / shape[2];
              (rows_.*make)(layer, head / shape[1], head % shape[1], row % shape[2],
                            std::span(values_).subspan(static_cast<std::size_t>(i * width), width));
            }
          });
      writer_.append(values_);
      written_ += count;
      if (done_(written_)) throw Interrupted();
    }
  }

 private:
  static constexpr std::uint64_t part_elements = 1 << 15, parts = 64;  // 8 MiB at a time
  Rows rows_;
  SafetensorsWriter& writer_;
  const std::function<bool(std::uint64_t)>& done_;
  std::vector<float> values_;
  std::uint64_t written_ = 0;
};

}  // namespace

void write_synthetic(const SyntheticSpec& spec, const std::filesystem::path& out,
                     const std::function<bool(std::uint64_t rows)>& done) {
  check(spec, out);
  const std::vector<std::uint64_t> q{spec.batch, spec.heads, spec.queries, spec.head_dim};
  const std::vector<std::uint64_t> k{spec.batch, spec.kv_heads, spec.keys, spec.head_dim};
  const std::vector<std::uint64_t> v{spec.batch, spec.kv_heads, spec.keys, spec.value_dim};
  std::vector<SafetensorsWriter::Entry> entries;
  for (std::uint64_t layer = 0; layer < spec.layers; ++layer) {
    entries.push_back({fmt::format("layers.{}.q", layer), spec.dtype, q});
    entries.push_back({fmt::format("layers.{}.k", layer), spec.dtype, k});
    entries.push_back({fmt::format("layers.{}.v", layer), spec.dtype, v});
  }
  if (has_mask(spec)) {  // masks come behind all else, because their bytes would leave wider numbers unaligned
    for (std::uint64_t layer = 0; layer < spec.layers; ++layer) {
      entries.push_back({fmt::format("layers.{}.mask", layer), Dtype::boolean, {spec.batch, spec.keys}});
    }
  }

  SafetensorsWriter writer(out, metadata_of(spec), entries);
  RowWriter rows(spec, writer, done);
  for (std::uint64_t layer = 0; layer < spec.layers; ++layer) {
    rows.write(&Rows::q, layer, q);
    rows.write(&Rows::k, layer, k);
    rows.write(&Rows::v, layer, v);
  }
  if (has_mask(spec)) {
    for (std::uint64_t i = 0; i < spec.layers * spec.batch; ++i)
      writer.append(mask_of(spec, i / spec.batch, i % spec.batch));
  }
  writer.finish();
}

}  // namespace capcam
