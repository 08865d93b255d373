// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/file/where.h"

#include <map>

#include "support/catch.h"
#include "support/raw_safetensors.h"

using namespace capcam;
using namespace capcam::testing;

namespace {

const std::map<std::string, WhereValue> values = {
    {"array.rows", 16.0}, {"top_n.n", 32.0}, {"sensing.kind", std::string("sar")}, {"pipeline.query_overlap", false}};

bool holds(const std::string& text) {
  return Where(text).holds([](const std::string& key) { return values.at(key); });
}

std::string refusal(const std::string& text) {
  return problems_of([&] { holds(text); });
}

}  // namespace

TEST_CASE("where compares keys with numbers, texts and truth values") {
  CHECK(holds("array.rows == 16"));
  CHECK_FALSE(holds("array.rows != 16"));
  CHECK(holds("array.rows < top_n.n"));
  CHECK(holds("array.rows <= 16 and array.rows >= 16"));
  CHECK_FALSE(holds("array.rows > 16"));
  CHECK(holds("sensing.kind == 'sar'"));
  CHECK(holds("\"sar\" == sensing.kind"));
  CHECK(holds("pipeline.query_overlap == false"));
  CHECK(holds("not pipeline.query_overlap"));
}

TEST_CASE("where binds as arithmetic and logic usually do") {
  CHECK(holds("1 + 2 * 3 == 7"));
  CHECK(holds("(1 + 2) * 3 == 9"));
  CHECK(holds("10 - 3 - 2 == 5"));
  CHECK(holds("12 / 2 / 3 == 2"));
  CHECK(holds("-2 - -3 == 1"));
  CHECK(holds("top_n.n % array.rows == 0"));
  CHECK(holds("array.rows-1 == 15"));
  CHECK(holds("true or false and false"));  // and first
  CHECK_FALSE(holds("(true or false) and false"));
  CHECK(holds("not false and true"));    // not first
  CHECK(holds("not array.rows == 17"));  // comparison before not
  CHECK(holds("(1 < 2) == (2 < 3)"));
  CHECK(holds("1.5e1 == 15"));
}

TEST_CASE("where looks at the second side of and and or only if it must") {
  CHECK(holds("true or 1 < 'a'"));
  CHECK_FALSE(holds("false and 1 < 'a'"));
}

TEST_CASE("where names the column of what it does not understand") {
  CHECK(refusal("array.rows <") == "where, column 13: expected a value, a key or (, got the end");
  CHECK(refusal("array.rows = 3") == "where, column 12: expected an operator or the end, got '='");
  CHECK(refusal("(1 < 2") == "where, column 7: expected ), got the end");
  CHECK(refusal("sensing.kind == 'sar") == "where, column 17: the quote is never closed");
  CHECK(refusal("1 < 2 < 3") == "where, column 7: comparisons do not chain: write a < b and b < c");
  CHECK(refusal("") == "where, column 1: expected a value, a key or (, got the end");
  CHECK(refusal("system('x')") == "where, column 7: expected an operator or the end, got '('");
  CHECK(refusal("sensing.kind < 3") == "where, column 14: '<' needs a number, got a text");
  CHECK(refusal("sensing.kind == 3") == "where, column 14: '==' compares a text with a number");
  CHECK(refusal("array.rows and true") == "where, column 12: 'and' needs true or false, got a number");
  CHECK(refusal("array.rows + 1") == "where: expected a condition, true or false, got a number");
}

TEST_CASE("where refuses what is nested without end instead of running out of stack") {
  CHECK_THAT(refusal(std::string(2000, '(') + "true" + std::string(2000, ')')), ContainsSubstring("nested too deeply"));
  CHECK_THAT(refusal(std::string(2000, '-') + "1 < 2"), ContainsSubstring("nested too deeply"));
  CHECK_THAT(refusal("true" + std::string(5000, ' ')), ContainsSubstring("longer than"));
}

TEST_CASE("where lists each key it mentions once") {
  CHECK(Where("a.b < 3 or a.b > 5 and c.d == 'x' or true").keys() == std::vector<std::string>{"a.b", "c.d"});
}
