// Lists things that configurations name, in the order in which they were registered.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "capcam/describe.h"
#include "capcam/error.h"
#include "core/nearest.h"

namespace capcam {

// Entry is an aggregate with name, doc and a function that makes the thing.
template <class Entry>
class Registry {
 public:
  // `what` ("converter kind") is for messages.
  Registry(std::string_view what, std::vector<Entry> entries) : what_(what), entries_(std::move(entries)) {}

  void add(Entry entry) {
    const bool plain = !entry.name.empty() && std::all_of(entry.name.begin(), entry.name.end(), [](unsigned char c) {
      return std::isalnum(c) != 0 || c == '_';
    });
    if (!plain)
      throw InputError(
          fmt::format("a {} is to be registered as \"{}\": expected letters, digits and _", what_, entry.name));
    if (find(entry.name) != nullptr) throw InputError(fmt::format("{} \"{}\" is registered twice", what_, entry.name));
    entries_.push_back(std::move(entry));
  }

  std::vector<Named> names() const {
    std::vector<Named> names;
    for (const Entry& entry : entries_) names.push_back({entry.name, entry.doc});
    return names;
  }

  // `key` is where the name was found, for the message. Throws InputError.
  const Entry& at(std::string_view key, const std::string& name) const {
    if (const Entry* entry = find(name)) return *entry;
    std::vector<std::string> known;
    for (const Entry& entry : entries_) known.push_back(entry.name);
    const auto meant = nearest(name, known);
    throw InputError(fmt::format("{}: expected one of {}, got \"{}\"{}", key, fmt::join(known, ", "), name,
                                 meant ? fmt::format(", did you mean \"{}\"?", *meant) : ""));
  }

 private:
  const Entry* find(const std::string& name) const {
    const auto found =
        std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.name == name; });
    return found == entries_.end() ? nullptr : &*found;
  }

  std::string what_;
  std::vector<Entry> entries_;
};

}  // namespace capcam
