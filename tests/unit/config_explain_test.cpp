// SPDX-License-Identifier: Apache-2.0
#include "config/explain.h"

#include <string>
#include <vector>

#include "capcam/error.h"
#include "config/writer.h"
#include "core/nearest.h"
#include "support/catch.h"

namespace capcam {
namespace {

using Words = std::vector<std::string>;

TEST_CASE("without a key, explain lists every key under its section") {
  const std::string text = explain();
  const nlohmann::ordered_json json = config_to_json(Config{});
  std::size_t at = 0;
  for (const auto& [section, keys] : json.items()) {
    at = text.find("[" + section + "]\n", at);
    REQUIRE(at != std::string::npos);
    for (const auto& [key, value] : keys.items()) {
      INFO(section << "." << key);
      at = text.find("\n  " + key + " ", at);
      REQUIRE(at != std::string::npos);
    }
  }
}

TEST_CASE("how a file extends another is explained") {
  CHECK_THAT(explain(), ContainsSubstring(explain("extends")));
  CHECK_THAT(explain("extends"), ContainsSubstring("a shipped configuration"));
}

TEST_CASE("a section is explained alone") {
  const std::string text = explain("pipeline");
  CHECK(
      text ==
      "[pipeline]\n"
      "  query_overlap  false  true / false              a query enters association as soon as the array is free, not "
      "when the previous one has drained\n"
      "  decode         off    off / append / reprogram  token by token: a head's queries are the steps of a decoder, "
      "each adding its key to the cache\n");
}

TEST_CASE("a key is explained with unit, values and default") {
  const std::string text =
      "array.rows: keys one array holds: a tile\n"
      "  unit     rows\n"
      "  values   1 to 65536\n"
      "  default  16\n";
  CHECK(explain("array.rows") == text);
  CHECK(explain("rows") == text);  // only one section has it
  CHECK_THAT(explain("memory.bandwidth_gb_s"),
             ContainsSubstring("  values   more than 0\n") && ContainsSubstring("  default  inf\n"));
}

TEST_CASE("a choice is explained with what each value means") {
  CHECK(
      explain("sensing.kind") ==
      "sensing.kind: how a matchline voltage becomes a score\n"
      "  values   ideal / sar / flash / ramp / time_domain\n"
      "  default  sar\n"
      "  ideal        the score is the match count\n"
      "  sar          successive approximation: a b-bit code after conversion_cycles\n"
      "  flash        2^b - 1 comparators: a b-bit code after one cycle\n"
      "  ramp         a reference falls one code in ramp_step_cycles; the tile is done when tile_k rows have crossed "
      "it\n"
      "  time_domain  cells delay an edge instead of sharing charge; its arrival is digitised in conversion_cycles\n");
}

TEST_CASE("an unknown key is answered with the nearest") {
  CHECK_THROWS_WITH(explain("array.row"), "there is no key or section \"array.row\", did you mean \"array.rows\"?");
  CHECK_THROWS_WITH(explain("topn"), "there is no key or section \"topn\", did you mean \"top_n\"?");
  CHECK_THROWS_WITH(explain("format"),
                    "there is no key or section \"format\", did you mean \"softmax.format\" or \"value.format\"?");
  CHECK_THROWS_WITH(explain("qwertyuiop"),
                    "there is no key or section \"qwertyuiop\"; without a key, capcam explain lists them all");
}

TEST_CASE("the edit distance counts insertions, deletions, replacements and swaps") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("rows", "rows") == 0);
  CHECK(edit_distance("", "rows") == 4);
  CHECK(edit_distance("row", "rows") == 1);
  CHECK(edit_distance("rws", "rows") == 1);
  CHECK(edit_distance("rovs", "rows") == 1);
  CHECK(edit_distance("rwos", "rows") == 1);
  CHECK(edit_distance("kitten", "sitting") == 3);  // the textbook pair: k-s, e-i, +g
}

TEST_CASE("the nearest word is near") {
  const Words words = {"rows", "columns", "count", "bandwidth_gb_s"};
  CHECK(nearest("row", words) == "rows");
  CHECK(nearest("Colums", words) == "columns");
  CHECK(nearest("bandwidth", words) == "bandwidth_gb_s");  // one begins with the other
  CHECK_FALSE(nearest("voltage", words));
  CHECK_FALSE(nearest("", words));
  CHECK_FALSE(nearest("r", words));
  CHECK_FALSE(nearest(std::string(100000, 'r'), words));
  CHECK_FALSE(nearest("rows", {}));
}

TEST_CASE("a dotted key is looked for in its own section first, by its last name everywhere before that") {
  const Words known = {"array", "array.rows", "array.count", "value", "value.format", "softmax", "softmax.format"};
  CHECK(nearest_keys("array.format", known) == Words{"value.format", "softmax.format"});
  CHECK(nearest_keys("array.row", known) == Words{"array.rows"});
  CHECK(nearest_keys("value.cuont", known) == Words{"array.count"});
  CHECK(nearest_keys("aray", known) == Words{"array"});
  CHECK(nearest_keys("aray.rows", known) == Words{"array.rows"});
  CHECK(nearest_keys("value.xyz", known).empty());
}

}  // namespace
}  // namespace capcam
