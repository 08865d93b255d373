// SPDX-License-Identifier: Apache-2.0
#include "core/terminal_text.h"

#include <nlohmann/json.hpp>

#include "core/printable.h"
#include "support/catch.h"

namespace capcam::testing {

TEST_CASE("what a terminal acts on is shown byte by byte, everything else as it is") {
  CHECK(for_terminal("plain \xc3\xa4 \xe2\x82\xac \xf0\x9f\x99\x82\n\tend") ==
        "plain \xc3\xa4 \xe2\x82\xac \xf0\x9f\x99\x82\n\tend");
  CHECK(for_terminal("\x1b[31m\x07\r") == "\\x1b[31m\\x07\\x0d");
  CHECK(for_terminal("\x7f") == "\\x7f");
  CHECK(for_terminal("\xc2\x9b"
                     "1m") == "\\xc2\\x9b1m");  // U+009B, a control sequence in eight bits
  CHECK(for_terminal("\x9b") == "\\x9b");       // the same byte alone is no UTF-8
  CHECK(for_terminal("a\xe2\x80\xae"
                     "b") == "a\\xe2\\x80\\xaeb");                    // U+202E, right to left
  CHECK(for_terminal("\xe2\x81\xa6") == "\\xe2\\x81\\xa6");           // U+2066
  CHECK(for_terminal("\xe2\x80\xa8") == "\\xe2\\x80\\xa8");           // U+2028, a line separator
  CHECK(for_terminal("\xc0\x80") == "\\xc0\\x80");                    // an overlong zero
  CHECK(for_terminal("\xed\xa0\x80") == "\\xed\\xa0\\x80");           // a surrogate
  CHECK(for_terminal("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");  // above U+10FFFF
  CHECK(for_terminal("\xe2\x82") == "\\xe2\\x82");                    // cut off
}

TEST_CASE("a text on one line is cut between characters, never within one") {
  CHECK(printable("a\nb") == "a\\x0ab");
  CHECK(printable("abc", 2) == "ab...");
  CHECK(printable("a\xe2\x82\xac!", 2) == "a\xe2\x82\xac...");
}

TEST_CASE("JSON for a terminal is the same JSON") {
  const nlohmann::json json = {{"name", "x\xc2\x9b y\xe2\x80\xae z\xc3\xa4"}, {"number", 0.1}};
  const std::string shown = json_for_terminal(json.dump());
  CHECK_THAT(shown, ContainsSubstring("x\\u009b y\\u202e z\xc3\xa4"));
  CHECK(nlohmann::json::parse(shown) == json);
}

}  // namespace capcam::testing
