// Outputs arrive at their paths, whatever the paths lead to.
// SPDX-License-Identifier: Apache-2.0
#include "core/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "support/catch.h"
#include "support/raw_safetensors.h"

namespace capcam::testing {
namespace {

namespace fs = std::filesystem;

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("a device is written, not replaced") {
  const TemporaryFolder folder;
  write_file_atomically("/dev/null", "text");
  CHECK(fs::is_character_file("/dev/null"));
  fs::create_symlink("/dev/null", folder / "link");
  write_file_atomically(folder / "link", "text");
  check_writable(folder / "link");
  CHECK(fs::is_symlink(folder / "link"));
  CHECK(fs::is_character_file("/dev/null"));
  CHECK_THAT(problems_of([] { write_file_atomically("/dev/full", "text"); }),
             ContainsSubstring("cannot write /dev/full: No space left on device"));
}

TEST_CASE("a pipe is written, not replaced, and asking whether it can be does not wait") {
  const TemporaryFolder folder;
  const fs::path pipe = folder / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  check_writable(pipe);
  std::string got;
  std::jthread reader([&] { got = read_bytes(pipe); });
  write_file_atomically(pipe, "text");
  reader.join();
  CHECK(got == "text");
  CHECK(fs::is_fifo(pipe));
}

TEST_CASE("behind a link, the file it names is replaced and the link stays") {
  const TemporaryFolder folder;
  fs::create_directory(folder / "far");
  write_bytes(folder / "far/file", "old");
  fs::create_symlink("far/file", folder / "near");
  fs::create_symlink("near", folder / "link");
  fs::create_symlink("far/new", folder / "dangling");
  write_file_atomically(folder / "link", "new");
  write_file_atomically(folder / "dangling", "made");
  CHECK(fs::is_symlink(folder / "link"));
  CHECK(fs::is_symlink(folder / "near"));
  CHECK(read_bytes(folder / "far/file") == "new");
  CHECK(fs::is_symlink(folder / "dangling"));
  CHECK(read_bytes(folder / "far/new") == "made");
  CHECK(files_in(folder / "far") == 2);
}

TEST_CASE("a folder and links in a circle are refused by name") {
  const TemporaryFolder folder;
  CHECK_THAT(problems_of([&] { check_writable(folder.path()); }),
             ContainsSubstring("cannot write " + folder.path().string() + ": Is a directory"));
  fs::create_symlink("b", folder / "a");
  fs::create_symlink("a", folder / "b");
  CHECK_THAT(problems_of([&] { write_file_atomically(folder / "a", ""); }),
             ContainsSubstring("/a: Too many levels of symbolic links"));
}

TEST_CASE("a descriptor's file goes on where it is, not from its beginning") {
  const TemporaryFolder folder;
  const int file = ::open((folder / "log").c_str(), O_WRONLY | O_CREAT, 0600);
  REQUIRE(::write(file, "before ", 7) == 7);
  write_file_atomically("/dev/fd/" + std::to_string(file), "between ");
  REQUIRE(::write(file, "after", 5) == 5);
  ::close(file);
  CHECK(read_bytes(folder / "log") == "before between after");
}

TEST_CASE("what is not finished leaves the old file alone and nothing beside it") {
  const TemporaryFolder folder;
  write_bytes(folder / "file", "old");
  check_writable(folder / "file");
  {
    AtomicFile unfinished(folder / "file");
    unfinished.write(std::string(1 << 20, 'x'));
  }
  CHECK(read_bytes(folder / "file") == "old");
  CHECK(files_in(folder.path()) == 1);
  CHECK_THAT(problems_of([&] { check_writable(folder / "none/file"); }),
             ContainsSubstring("cannot write " + (folder / "none/file").string() + ": No such file"));
}

TEST_CASE("two names of one file are the same file, whether it exists or not") {
  const TemporaryFolder folder;
  write_bytes(folder / "file", "");
  fs::create_symlink("file", folder / "link");
  fs::create_symlink("none", folder / "dangling");
  CHECK(same_file(folder / "file", folder / "./link"));
  CHECK(same_file(folder / "none", folder / "x/../none"));
  CHECK(same_file(folder / "none", folder / "dangling"));
  CHECK_FALSE(same_file(folder / "none", folder / "file"));
  CHECK_FALSE(same_file("/dev/null", "/dev/null"));  // nothing there is lost
}

}  // namespace capcam::testing
