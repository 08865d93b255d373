// Files of one folder appear together: all of them, or none, and then what was there before stays.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/atomic_file.h"

namespace capcam {

// The last file is the one that says the set is there: its old version goes first and its new one comes last, so that a
// process killed in between leaves none. Sets of several processes appear one after the other, never mixed.
//
// Such a folder may come from elsewhere: a link, a pipe or a device under the name of a file is refused, never
// followed.
class OutputSet {
 public:
  explicit OutputSet(const std::filesystem::path& folder) : folder_(folder) {}

  // Throws InputError naming the file, as all members do.
  void check_name(const std::filesystem::path& name) const;
  void add(const std::filesystem::path& name, std::string_view content);
  void add(AtomicFile&& completed);
  void remove(const std::filesystem::path& name);  // removes a file of an earlier set that this set does not have
  void publish();

 private:
  std::filesystem::path folder_;
  std::list<AtomicFile> files_;
  std::vector<std::filesystem::path> removed_;
};

// Has the name and the content of each file of a set that is complete in memory.
void write_set(const std::filesystem::path& folder, const std::vector<std::pair<std::string, std::string>>& files);

}  // namespace capcam
