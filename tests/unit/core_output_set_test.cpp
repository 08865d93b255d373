// SPDX-License-Identifier: Apache-2.0
// Files that appear together or not at all.
#include "core/output_set.h"

#include <sys/stat.h>
#include <unistd.h>

#include "support/catch.h"
#include "support/raw_safetensors.h"

namespace capcam::testing {
namespace {

std::size_t files_in(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator()));
}

}  // namespace

TEST_CASE("a set that is not published leaves what was there and nothing of its own") {
  const TemporaryFolder folder;
  write_set(folder.path(), {{"a", "old a"}, {"b", "old b"}});
  {
    OutputSet set(folder.path());
    set.add("a", "new a");
    set.add("b", "new b");
  }
  CHECK(read_bytes(folder / "a") == "old a");
  CHECK(read_bytes(folder / "b") == "old b");
  CHECK(files_in(folder.path()) == 2);
}

TEST_CASE("a published set replaces the old files, removes what it says, and leaves others alone") {
  const TemporaryFolder folder;
  write_set(folder.path(), {{"a", "old a"}, {"b", "old b"}, {"other", "theirs"}});
  OutputSet set(folder.path());
  set.remove("a");
  set.add("b", "new b");
  set.add("c", "new c");
  set.publish();
  CHECK_FALSE(std::filesystem::exists(folder / "a"));
  CHECK(read_bytes(folder / "b") == "new b");
  CHECK(read_bytes(folder / "c") == "new c");
  CHECK(read_bytes(folder / "other") == "theirs");
  CHECK(files_in(folder.path()) == 3);
}

TEST_CASE("a name that cannot be taken brings every old file back") {
  const TemporaryFolder folder;
  write_set(folder.path(), {{"a", "old a"}, {"z", "old z"}});
  OutputSet set(folder.path());
  set.add("a", "new a");
  set.add("b", "new b");
  set.add("z", "new z");
  std::filesystem::create_directories(folder / "b/full");  // a folder takes the name meanwhile
  write_bytes(folder / "b/full/file", "x");
  // The folder moves aside like a file would, so the set is published, or all comes back: never a mixture.
  try {
    set.publish();
    CHECK(read_bytes(folder / "a") == "new a");
    CHECK(read_bytes(folder / "z") == "new z");
  } catch (const InputError&) {
    CHECK(read_bytes(folder / "a") == "old a");
    CHECK(read_bytes(folder / "z") == "old z");
  }
}

TEST_CASE("links, pipes and folders under a file's name are refused and stay") {
  const TemporaryFolder folder;
  write_bytes(folder / "victim", "precious");
  std::filesystem::create_symlink("victim", folder / "link");
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  std::filesystem::create_directory(folder / "folder");
  OutputSet set(folder.path());
  CHECK_THAT(problems_of([&] { set.add("link", "x"); }), ContainsSubstring("link: a symbolic link"));
  CHECK_THAT(problems_of([&] { set.add("pipe", "x"); }), ContainsSubstring("pipe: expected a regular file"));
  CHECK_THAT(problems_of([&] { set.add("folder", "x"); }), ContainsSubstring("folder: expected a regular file"));
  CHECK(read_bytes(folder / "victim") == "precious");
  CHECK(files_in(folder.path()) == 4);
}

}  // namespace capcam::testing
