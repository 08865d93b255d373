// SPDX-License-Identifier: Apache-2.0
// An installed capcam finds its own configurations, cards and traces, wherever it is called from.
#include "support/catch.h"
#include "support/places.h"
#include "support/program.h"

namespace capcam::testing {

TEST_CASE("an installed capcam works from another folder") {
  const TemporaryFolder folder;
  const std::string prefix = folder / "prefix";
  const Ended installed = Program({cmake_binary(), "--install", testing::build_dir(), "--prefix", prefix}).wait();
  INFO(installed.out << installed.err);
  REQUIRE(installed.status == 0);

  const std::string capcam = prefix + "/bin/capcam", data = prefix + "/share/capcam";
  const auto run = [&](const std::vector<std::string>& arguments) {
    std::vector<std::string> command{capcam};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return Program(command, "/").wait();
  };
  const Ended demo = run({"run", "camformer", "--trace", data + "/traces/minilm_origin.safetensors", "--layers", "0"});
  INFO(demo.err);
  CHECK(demo.status == 0);
  CHECK_THAT(demo.out, ContainsSubstring("Energy and area by camformer45"));

  // A file that only the installed copy has is found, so files are not those of the source tree.
  const Ended check = run({"check", "camformer"});
  CHECK_THAT(check.out, ContainsSubstring(data + "/configs/camformer.toml: ok"));
  std::filesystem::copy_file(data + "/models/dram/hbm2.toml", data + "/models/dram/mine.toml");
  std::filesystem::copy_file(data + "/configs/had.toml", data + "/configs/ours.toml");
  const Ended mine = run({"cost", "ours", "--set", "memory.dram_card=mine"});
  INFO(mine.err);
  CHECK(mine.status == 0);

  // They are also found through a link elsewhere.
  std::filesystem::create_symlink(capcam, folder / "link");
  const Ended linked = Program({folder / "link", "check", "ours"}, "/").wait();
  CHECK(linked.status == 0);
  CHECK_THAT(linked.out, ContainsSubstring(data + "/configs/ours.toml: ok"));
}

}  // namespace capcam::testing
