// SPDX-License-Identifier: Apache-2.0
#include "trace/trace_metadata.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace capcam {
namespace {

template <class Number>
std::optional<Number> parse(const std::string& text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

class MetadataReader {
 public:
  MetadataReader(const std::map<std::string, std::string>& metadata, Problems& problems)
      : metadata_(metadata), problems_(problems) {}

  const std::string* find(const std::string& key) const {
    const auto found = metadata_.find(key);
    return found == metadata_.end() ? nullptr : &found->second;
  }

  void wrong(const std::string& key, std::string_view expected, const std::string* got) {
    problems_.add(fmt::format("__metadata__: {}: expected {}, got {}", printable(key), expected,
                              got == nullptr ? std::string("nothing") : fmt::format("\"{}\"", printable(*got))));
  }

  void constant(const std::string& key, const std::string& expected) {
    const std::string* text = find(key);
    if (text == nullptr || *text != expected) wrong(key, fmt::format("\"{}\"", expected), text);
  }

  std::optional<bool> boolean(const std::string& key) {
    const std::string* text = find(key);
    if (text == nullptr) return std::nullopt;
    if (*text != "true" && *text != "false") wrong(key, "\"true\" or \"false\"", text);
    return *text == "true";
  }

  // Reads a position. Positions of queries and keys fit 32 bits, so that sums of them fit 64.
  std::optional<std::uint64_t> position(const std::string& key, std::uint64_t least) {
    constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
    const std::string* text = find(key);
    if (text == nullptr) return std::nullopt;
    const auto number = parse<std::uint64_t>(*text);
    if (number && *number >= least && *number <= most) return number;
    wrong(key, fmt::format("an integer from {} to {}", least, most), text);
    return std::nullopt;
  }

  std::optional<double> above_zero(const std::string& key) {
    const std::string* text = find(key);
    if (text == nullptr) return std::nullopt;
    const auto number = parse<double>(*text);
    if (number && std::isfinite(*number) && *number > 0.0) return number;
    wrong(key, "a finite number above 0", text);
    return std::nullopt;
  }

  // `prefix` is "sigma_q." or the like; `read` reads one value.
  template <class Number, class Read>
  void by_layer(std::string_view prefix, const std::vector<std::uint32_t>& layers, const Read& read,
                std::map<std::uint32_t, Number>& out) {
    for (auto item = metadata_.lower_bound(std::string(prefix));
         item != metadata_.end() && item->first.starts_with(prefix); ++item) {
      const auto layer = parse_layer_index(std::string_view(item->first).substr(prefix.size()));
      if (!layer) {
        problems_.add(fmt::format("__metadata__: {}: expected {}<layer>, a number", printable(item->first), prefix));
      } else if (!std::binary_search(layers.begin(), layers.end(), *layer)) {
        problems_.add(fmt::format("__metadata__: {}: expected a layer of the trace, got one it has not", item->first));
      } else if (const std::optional<Number> number = read(item->first)) {
        out[*layer] = *number;
      }
    }
  }

 private:
  const std::map<std::string, std::string>& metadata_;
  Problems& problems_;
};

}  // namespace

void read_trace_metadata(const std::map<std::string, std::string>& metadata, const std::vector<std::uint32_t>& layers,
                         TraceMetadata& out, Problems& problems) {
  MetadataReader reader(metadata, problems);
  reader.constant("format", "capcam-trace");
  reader.constant("version", "1");
  if (const std::string* model = reader.find("model"); model != nullptr && !model->empty()) out.model = *model;
  out.causal = reader.boolean("causal").value_or(false);
  out.query_offset = reader.position("query_offset", 0).value_or(0);
  out.window = reader.position("window", 1);
  out.scale = reader.above_zero("scale");
  out.call = reader.position("call", 0).value_or(0);
  const auto above_zero = [&](const std::string& key) { return reader.above_zero(key); };
  reader.by_layer("sigma_q.", layers, above_zero, out.sigma_q);
  reader.by_layer("sigma_k.", layers, above_zero, out.sigma_k);
  reader.by_layer(
      "window.", layers, [&](const std::string& key) { return reader.position(key, 1); }, out.windows);
  reader.by_layer("scale.", layers, above_zero, out.scales);
}

}  // namespace capcam
