// SPDX-License-Identifier: Apache-2.0
// Files and JSON of others, up to a limit.
#include "core/read_file.h"

#include "core/json_text.h"
#include "support/catch.h"
#include "support/raw_safetensors.h"

namespace capcam::testing {

TEST_CASE("a file is read whole up to its limit, and not a byte more") {
  const TemporaryFolder folder;
  const std::string bytes(200'000, 'x');
  write_bytes(folder / "f", bytes);
  CHECK(read_file(folder / "f", 200'000).text == bytes);
  CHECK(read_file(folder / "f", 199'999).problem == "it has more than 199999 bytes");
  CHECK(read_file("/dev/zero", 1000).problem == "it has more than 1000 bytes");
  CHECK(read_file(folder / "none", 10).problem == "No such file or directory");
  CHECK(read_file(folder.path(), 10).problem == "Is a directory");
  write_bytes(folder / "empty", "");
  CHECK(read_file(folder / "empty", 0).problem == "");
}

TEST_CASE("JSON is read, or what is wrong with it is said") {
  using Json = nlohmann::ordered_json;
  const auto problem = [](const std::string& text) {
    const auto read = read_json(text);
    const auto* wrong = std::get_if<std::string>(&read);
    return wrong == nullptr ? std::string() : *wrong;
  };
  CHECK(std::get<Json>(read_json(R"({"a":[1,"]]]}}}\"[["]})")) == Json::parse(R"({"a":[1,"]]]}}}\"[["]})"));
  CHECK(problem(std::string(64, '[') + std::string(64, ']')) == "");
  CHECK(problem(std::string(65, '[') + std::string(65, ']')) == "nested more than 64 deep");
  CHECK(problem(std::string(1'000'000, '{')) == "nested more than 64 deep");
  CHECK_THAT(problem("{"), ContainsSubstring("not JSON: parse error"));
  CHECK(problem(std::string("{}\0x", 4)) == "a zero byte at byte 2");
}

}  // namespace capcam::testing
