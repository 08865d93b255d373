// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "capcam/error.h"
#include "core/resources.h"
#include "support/catch.h"
#include "support/config_files.h"
#include "support/places.h"

namespace capcam {
namespace {

TEST_CASE("CAPCAM_DATA comes before the source tree, which has the rest") {
  const testing::ConfigFiles files;
  const auto own = files.write("data/configs/camformer.toml", "");
  CHECK(find_resource("configs/camformer.toml") == own);
  CHECK(find_resource("configs/had.toml") == testing::source_dir() / "configs/had.toml");
  CHECK(find_resource("models/dram") == files.folder() / "data/models/dram");
}

TEST_CASE("an installed capcam looks beside itself") {
  const auto folders = resource_folders();
  const auto beside = std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / "share" / "capcam";
  CHECK(std::find(folders.begin(), folders.end(), beside) != folders.end());
  // Last of all the prefix that was configured, for a program that links the library when the source tree is gone.
  CHECK(folders[folders.size() - 2] == testing::source_dir());
  CHECK(folders.back().parent_path().filename() == "share");
}

TEST_CASE("a folder the host program names comes before the source tree and after CAPCAM_DATA") {
  const testing::ConfigFiles files;
  const auto named = files.folder() / "named";
  std::filesystem::create_directories(named / "configs");
  std::filesystem::copy_file(testing::source_dir() / "configs/had.toml", named / "configs/had.toml");
  name_resource_folder(named);
  CHECK(find_resource("configs/had.toml") == named / "configs/had.toml");
  CHECK(find_resource("configs/camformer.toml") == testing::source_dir() / "configs/camformer.toml");
  const auto own = files.write("data/configs/had.toml", "");
  CHECK(find_resource("configs/had.toml") == own);
  name_resource_folder({});
  CHECK(resource_folders().front() == files.folder() / "data");
  CHECK(resource_folders()[1] != named);  // is forgotten
}

TEST_CASE("what is nowhere is refused with every place looked at") {
  const testing::ConfigFiles files;
  try {
    find_resource("configs/none.toml");
    FAIL("found");
  } catch (const InputError& error) {
    CHECK_THAT(error.what(), ContainsSubstring("cannot find configs/none.toml"));
    CHECK(error.problems().size() == resource_folders().size() + 1);
    for (const auto& folder : resource_folders()) {
      CHECK_THAT(error.what(), ContainsSubstring((folder / "configs/none.toml").string()));
    }
  }
}

}  // namespace
}  // namespace capcam
