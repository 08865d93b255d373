// Merges a TOML file, the files that it extends and the --set options into one tree, whose every node knows where it
// was written. This keeps toml++ out of everything else.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "capcam/error.h"

namespace capcam {

struct TomlPlace {
  std::size_t source = 0;  // index into TomlTree::sources
  std::uint32_t line = 0;  // 0 if the source has no lines (--set)
  std::uint32_t column = 0;
  friend bool operator<(const TomlPlace& a, const TomlPlace& b) {
    return std::tie(a.source, a.line, a.column) < std::tie(b.source, b.line, b.column);
  }
};

struct TomlTable {};
struct TomlArray {};
struct TomlOther {
  std::string_view name;  // "a date"
};

struct TomlNode {
  std::string name;
  TomlPlace key_place;
  TomlPlace place;
  std::variant<TomlTable, bool, std::int64_t, double, std::string, TomlArray, TomlOther> value;
  std::vector<TomlNode> children;  // children of a table, or of an array (they have no names)
  bool used = false;

  bool is_table() const { return std::holds_alternative<TomlTable>(value); }
  bool is_array() const { return std::holds_alternative<TomlArray>(value); }
  TomlNode* find(std::string_view child);
  const TomlNode* find(std::string_view child) const;
};

struct TomlTree {
  TomlNode root;
  std::vector<std::string> sources;  // the file, the files that it extends from near to far, each --set in order
  // Has the --set options that are no TOML; they are told with all other problems.
  std::vector<std::pair<TomlPlace, std::string>> wrong_sets;

  std::string place_text(const TomlPlace& place) const;  // "bad.toml:4:8", "--set array.rows=0"
};

// Throws InputError if a file cannot be read or is no TOML. A --set that is no TOML goes to `wrong_sets`.
TomlTree read_toml_tree(const std::filesystem::path& file, const std::vector<std::string>& sets);

// Puts `over` on top of `under`: tables merge, anything else replaces. A section stays where it was written if `over`
// has no line of its own.
void merge_toml(TomlNode& under, TomlNode over);

// Returns an error that says "3 problems in the configuration bad.toml", with the problems below it.
InputError configuration_error(const std::filesystem::path& file, std::vector<std::string> problems);

}  // namespace capcam
