// SPDX-License-Identifier: Apache-2.0
// capcam montecarlo as a user meets it.
#include <algorithm>

#include "cli/refusal.h"

namespace capcam::testing {

TEST_CASE("montecarlo gives the same figures for the same seed, others for another, and one line of CSV a condition") {
  const TemporaryFolder folder;
  const std::vector<std::string> arguments = {"montecarlo",
                                              "pvt",
                                              "--instances",
                                              "3",
                                              "--searches",
                                              "5",
                                              "--corners",
                                              "tt,ff",
                                              "--csv",
                                              folder / "a.csv",
                                              "--temperatures=-40,125"};
  const Ended first = run_capcam(arguments);
  INFO(first.err);
  REQUIRE(first.status == 0);
  CHECK(first.out == run_capcam(arguments).out);
  CHECK_THAT(first.out, ContainsSubstring("ff 125 degC +0 %") && ContainsSubstring("What dominates"));
  const std::string csv = read_bytes(folder / "a.csv");
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 1 + 4);
  std::vector<std::string> other = arguments;
  other.insert(other.end(), {"--seed", "2"});
  CHECK(first.out != run_capcam(other).out);
}

TEST_CASE("montecarlo measures at the configuration's corner unless corners are asked for") {
  const auto table = [](const std::vector<std::string>& more) {
    std::vector<std::string> arguments = {"montecarlo", "pvt", "--instances", "3", "--searches", "5"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Ended ended = run_capcam(arguments);
    REQUIRE(ended.status == 0);
    return ended.out;
  };
  const std::string of_config = table({"--set", "sensing.corner=ff"});
  CHECK_THAT(of_config, ContainsSubstring("ff 25 degC"));
  CHECK(of_config == table({"--corners", "ff"}));
}

TEST_CASE("montecarlo refuses what it cannot measure, all problems at once, and writes nothing") {
  const TemporaryFolder folder;
  check_refused({"montecarlo", "camformer", "--set", "sensing.kind=ideal"}, {"sensing\\.kind is ideal"});
  check_refused({"montecarlo", "pvt", "--corners", "tt,xx", "--csv", folder / "a.csv"}, {"--corners.*'xx'"});
  check_refused({"montecarlo", "pvt", "--temperatures=-269,25", "--supply-errors=0.9", "--csv", folder / "a.csv"},
                {"--temperatures.*-269", "--supply-errors.*0\\.9"});
  check_refused({"montecarlo", "pvt", "--supply-errors=-0.5", "--set", "sensing.threshold_v=0.5"},
                {"at tt 25 degC -50 %.*does not turn on"});
  CHECK(files_in(folder / "").empty());
  write_bytes(folder / "t.safetensors", "kept");
  check_refused({"montecarlo", "pvt", "--trace", folder / "t.safetensors", "--csv", folder / "t.safetensors"},
                {"--trace and --csv name the same file"});
  CHECK(read_bytes(folder / "t.safetensors") == "kept");
}

}  // namespace capcam::testing
