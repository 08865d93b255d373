// SPDX-License-Identifier: Apache-2.0
#include "trace/safetensors_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_set>
#include <utility>

namespace capcam {
namespace {

using Json = nlohmann::json;

// Reads the header once without keeping it, to find what nlohmann's parser lets pass: keys given twice, depth, endless
// lists. (The parser's callbacks would see the same, but look through all tensors at the end of each.)
class HeaderWatch : public nlohmann::json_sax<Json> {
 public:
  explicit HeaderWatch(Problems& problems) : problems_(problems) {}

  bool null() override { return value(); }
  bool boolean(bool) override { return value(); }
  bool number_integer(number_integer_t) override { return value(); }
  bool number_unsigned(number_unsigned_t) override { return value(); }
  bool number_float(number_float_t, const string_t&) override { return value(); }
  bool string(string_t&) override { return value(); }
  bool binary(binary_t&) override { return value(); }
  bool start_object(std::size_t) override { return begin(); }
  bool start_array(std::size_t) override { return begin(); }
  bool end_object() override { return end(); }
  bool end_array() override { return end(); }

  bool key(string_t& name) override {
    if (depth_ == 1) {
      outer_ = name;
      if (!outer_keys_.insert(name).second) problems_.add(fmt::format("{}: given twice", place()));
    } else if (!inner_keys_.insert(name).second) {
      problems_.add(fmt::format("{}: key \"{}\" given twice", place(), printable(name)));
    }
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const Json::exception& error) override {
    const std::string_view what = error.what();  // "[json.exception.parse_error.101] parse error at line ..."
    const std::size_t bracket = what.find("] ");
    problems_.add("header: " + printable(bracket == what.npos ? what : what.substr(bracket + 2), 240));
    return false;
  }

 private:
  bool begin() {
    constexpr int deepest = 3;  // brackets that may be open: header, tensor, shape
    if (depth_ >= deepest) return refuse("nested too deeply");
    if (depth_ == 1) inner_keys_.clear();
    if (depth_ == 2) list_length_ = 0;
    ++depth_;
    return true;
  }
  bool end() {
    --depth_;
    return true;
  }
  bool value() {
    constexpr std::size_t most = 64;  // dimensions that a shape may have
    if (depth_ < 3 || ++list_length_ <= most) return true;
    return refuse(fmt::format("a list of more than {} values", most));
  }
  bool refuse(const std::string& problem) {
    problems_.add(fmt::format("header: {}: {}", place(), problem));
    return false;
  }
  std::string place() const { return outer_ ? printable(*outer_) : "header"; }

  Problems& problems_;
  int depth_ = 0;
  std::optional<std::string> outer_;  // the tensor being read
  std::unordered_set<std::string> outer_keys_, inner_keys_;
  std::size_t list_length_ = 0;
};

std::optional<Json> parse_header(std::string_view text, Problems& problems) {
  // The parser takes this byte for the end, whatever comes behind it.
  if (const std::size_t zero = text.find('\0'); zero != text.npos) {
    problems.add(fmt::format("header: expected JSON and spaces, got a zero byte at byte {}", zero));
    return std::nullopt;
  }
  HeaderWatch watch(problems);
  if (!Json::sax_parse(text, &watch)) return std::nullopt;
  return Json::parse(text);
}

std::string shown(const Json& value) {
  return printable(value.dump(-1, ' ', false, Json::error_handler_t::replace), 60);
}

std::optional<std::vector<std::uint64_t>> read_sizes(const Json& list) {
  if (!list.is_array()) return std::nullopt;
  std::vector<std::uint64_t> sizes;
  for (const Json& size : list) {
    if (!size.is_number_unsigned()) return std::nullopt;
    sizes.push_back(size.get<std::uint64_t>());
  }
  return sizes;
}

std::optional<Dtype> dtype_of(std::string_view name) {
  for (const Dtype dtype : {Dtype::f32, Dtype::f16, Dtype::bf16, Dtype::boolean, Dtype::u8}) {
    if (dtype_name(dtype) == name) return dtype;
  }
  return std::nullopt;
}

// Returns the bytes of an element of the format's other dtypes.
std::optional<std::uint64_t> bytes_of_other_dtype(std::string_view name) {
  constexpr std::pair<std::string_view, std::uint64_t> others[] = {
      {"F64", 8}, {"C64", 8}, {"I64", 8}, {"U64", 8},     {"I32", 4},    {"U32", 4},
      {"I16", 2}, {"U16", 2}, {"I8", 1},  {"F8_E4M3", 1}, {"F8_E5M2", 1}};
  for (const auto& [other, bytes] : others) {
    if (other == name) return bytes;
  }
  return std::nullopt;
}

// Returns the bytes of a tensor, if they fit 64 bits.
std::optional<std::uint64_t> tensor_bytes(std::uint64_t bytes, const std::vector<std::uint64_t>& shape) {
  for (const std::uint64_t size : shape) {
    if (__builtin_mul_overflow(bytes, size, &bytes)) return std::nullopt;
  }
  return bytes;
}

struct Extent {
  std::uint64_t begin;
  std::uint64_t end;
  std::string name;
  friend auto operator<=>(const Extent&, const Extent&) = default;
};

// Reads one tensor's entry into `header`. Returns its extent if its offsets make sense, whatever else is wrong with it.
std::optional<Extent> read_entry(const std::string& name, const Json& json, SafetensorsHeader& header,
                                 Problems& problems) {
  const std::string place = printable(name);
  const auto wrong = [&](std::string_view key, std::string_view expected, std::string_view got) {
    problems.add(fmt::format("{}: {}: expected {}, got {}", place, key, expected, got));
  };
  if (!json.is_object()) {
    problems.add(fmt::format("{}: expected an object with dtype, shape and data_offsets, got {}", place, shown(json)));
    return std::nullopt;
  }
  std::optional<Extent> extent;
  for (const auto& item : json.items()) {
    if (item.key() != "dtype" && item.key() != "shape" && item.key() != "data_offsets") {
      problems.add(
          fmt::format("{}: unknown key \"{}\", expected dtype, shape and data_offsets", place, printable(item.key())));
    }
  }
  const auto get = [&](const char* key) -> const Json* {
    const auto found = json.find(key);
    if (found != json.end()) return &*found;
    problems.add(fmt::format("{}: {}: missing", place, key));
    return nullptr;
  };

  std::string dtype_given;
  std::optional<Dtype> dtype;
  std::optional<std::uint64_t> element_bytes;
  if (const Json* value = get("dtype")) {
    if (value->is_string()) dtype_given = value->get<std::string>();
    dtype = dtype_of(dtype_given);
    element_bytes = dtype ? dtype_bytes(*dtype) : bytes_of_other_dtype(dtype_given);
    if (!element_bytes) wrong("dtype", "one of F32, F16, BF16, BOOL and U8", shown(*value));
  }
  std::optional<std::vector<std::uint64_t>> shape;
  std::optional<std::uint64_t> bytes;
  if (const Json* value = get("shape")) {
    shape = read_sizes(*value);
    if (!shape) wrong("shape", "a list of sizes, integers from 0", shown(*value));
    if (shape && element_bytes) {
      bytes = tensor_bytes(*element_bytes, *shape);
      if (!bytes) wrong("shape", "a tensor of less than 2^64 bytes", shown(*value));
    }
  }
  if (const Json* value = get("data_offsets")) {
    const auto offsets = read_sizes(*value);
    if (!offsets || offsets->size() != 2 || (*offsets)[0] > (*offsets)[1]) {
      wrong("data_offsets", "[begin, end] with 0 <= begin <= end", shown(*value));
    } else {
      extent = Extent{(*offsets)[0], (*offsets)[1], name};
    }
  }
  if (extent && bytes && *bytes != extent->end - extent->begin) {
    wrong("data_offsets", fmt::format("{} bytes for {} {}", *bytes, dtype_given, shape_text(*shape)),
          fmt::format("{} bytes", extent->end - extent->begin));
  }
  if (!shape || !bytes || !extent) return extent;
  if (dtype) {
    header.tensors.emplace(name, SafetensorsHeader::Entry{*dtype, *shape, extent->begin, extent->end});
  } else {
    header.unusable.push_back({name, dtype_given});
  }
  return extent;
}

// Checks that tensors cover the data section without overlap and without a hole. Returns the bytes that they cover.
std::uint64_t check_layout(std::vector<Extent> extents, std::uint64_t data_bytes, Problems& problems) {
  std::sort(extents.begin(), extents.end());
  std::uint64_t covered = 0;
  const std::string* last = nullptr;  // the tensor that covers most so far
  for (const Extent& extent : extents) {
    if (extent.begin > covered) {
      problems.add(fmt::format("{}: data_offsets: expected to begin at byte {}, got {}: a hole before it",
                               printable(extent.name), covered, extent.begin));
    } else if (extent.begin < covered) {
      problems.add(fmt::format("{}: data_offsets: expected to begin at byte {}, got {}: it overlaps {}",
                               printable(extent.name), covered, extent.begin, printable(*last)));
    }
    if (extent.end >= covered) {
      covered = extent.end;
      last = &extent.name;
    }
  }
  if (covered < data_bytes) {
    problems.add(fmt::format("data: expected {} bytes as the tensors say, got {}", covered, data_bytes));
  }
  return covered;
}

void check_within(const std::vector<Extent>& extents, std::uint64_t data_bytes, Problems& problems) {
  for (const Extent& extent : extents) {
    if (extent.end <= data_bytes) continue;
    problems.add(fmt::format("{}: data_offsets: expected an end within the {} bytes of data in the file, got [{},{}]",
                             printable(extent.name), data_bytes, extent.begin, extent.end));
  }
}

void read_metadata(const Json& json, SafetensorsHeader& header, Problems& problems) {
  if (!json.is_object()) {
    problems.add(fmt::format("__metadata__: expected an object of strings, got {}", shown(json)));
    return;
  }
  for (const auto& item : json.items()) {
    if (item.value().is_string()) {
      header.metadata[item.key()] = item.value().get<std::string>();
    } else {
      problems.add(
          fmt::format("__metadata__: {}: expected a string, got {}", printable(item.key()), shown(item.value())));
    }
  }
}

}  // namespace

std::string wrong_dtype_text(std::string_view tensor, std::string_view dtype) {
  const bool is_mask = tensor.ends_with(".mask");
  return fmt::format("{}: has dtype {} and must be {}: save it as one of these", printable(tensor), printable(dtype),
                     is_mask ? "BOOL or U8" : "F32, F16 or BF16");
}

SafetensorsHeader read_safetensors_header(std::string_view text, std::uint64_t data_bytes, Problems& problems) {
  SafetensorsHeader header;
  if (!text.starts_with('{')) {  // the reference implementation allows no white space here, only at the end
    problems.add(fmt::format("header: expected it to begin with '{{', got '{}'", printable(text, 16)));
    return header;
  }
  const std::optional<Json> json = parse_header(text, problems);
  if (!json) return header;

  std::vector<Extent> extents;
  bool all_placed = true;
  for (const auto& item : json->items()) {
    if (item.key() == "__metadata__") {
      read_metadata(item.value(), header, problems);
      continue;
    }
    if (auto extent = read_entry(item.key(), item.value(), header, problems)) {
      extents.push_back(std::move(*extent));
    } else {
      all_placed = false;
    }
  }
  // Where a tensor is misplaced, the holes that it leaves are no news.
  if (all_placed) header.data_bytes = check_layout(extents, data_bytes, problems);
  if (!problems.empty()) check_within(extents, data_bytes, problems);
  return header;
}

}  // namespace capcam
