// SPDX-License-Identifier: Apache-2.0
// --accuracy on few queries.
#include "cli/refusal.h"

namespace capcam::testing {

TEST_CASE("a share of less than one query measures one, the same on both engines") {
  const TemporaryFolder folder;
  const std::string trace = folder / "t";
  REQUIRE(run_capcam({"trace", "synth", trace, "--heads", "1", "--queries", "32", "--keys", "64"}).status == 0);
  std::vector<std::string> reports;
  for (const char* engine : {"systemc", "fast"}) {
    const Ended ended =
        run_capcam({"run", "camformer", "--trace", trace, "--accuracy", "0.01", "--json", "--engine", engine});
    CHECK(ended.status == 0);
    CHECK_THAT(ended.out, ContainsSubstring("\"measured_queries\": 1,"));
    reports.push_back(ended.out.substr(ended.out.find("\"accuracy\"")));
  }
  CHECK(reports[0] == reports[1]);
}

}  // namespace capcam::testing
