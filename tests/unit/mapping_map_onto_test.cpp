// SPDX-License-Identifier: Apache-2.0
#include "capcam/error.h"
#include "mapping/mapping.h"
#include "support/catch.h"

using namespace capcam;

namespace {

TraceShape shape_of(std::uint64_t keys, std::uint64_t head_dim, std::uint64_t value_dim) {
  TraceShape shape;
  shape.batch = shape.heads = shape.kv_heads = shape.queries = 1;
  shape.keys = keys;
  shape.head_dim = head_dim;
  shape.value_dim = value_dim;
  return shape;
}

std::vector<std::string> problems_of(const TraceShape& shape, const Config& config) {
  try {
    map_onto(shape, config);
  } catch (const InputError& error) {
    return error.problems();
  }
  return {};
}

}  // namespace

TEST_CASE("the published design cuts 1024 keys into 64 tiles of one segment") {
  const Mapping mapping = map_onto(shape_of(1024, 64, 64), Config{});
  CHECK(mapping.tiles == 1024 / 16);
  CHECK(mapping.segmentation.segments() == 1);
  CHECK(mapping.program_cycles(16) == 16 / 4);
  CHECK(!mapping.resident);
  CHECK(mapping.queries_per_program == 1);
  CHECK(mapping.key_bytes(16) == 16 * 64 / 8);
}

TEST_CASE("the last tile and the last segment hold what is left") {
  Config config;
  const Mapping mapping = map_onto(shape_of(37, 100, 64), config);
  CHECK(mapping.tiles == 3);  // 16 + 16 + 5
  CHECK(mapping.keys_in(2) == 5);
  CHECK(mapping.keys_of(2).first == 32);
  CHECK(mapping.program_cycles(mapping.keys_in(2)) == 2);  // 5 rows, 4 per cycle
  CHECK(mapping.segmentation.segments() == 2);
  CHECK(mapping.segmentation.used_columns(1) == 100 - 64);
}

TEST_CASE("tiles and segments are dealt to the arrays in turn") {
  Config config;
  config.array.count = 3;
  const Mapping mapping = map_onto(shape_of(64, 128, 64), config);  // 4 tiles of 2 segments
  const std::uint32_t expected[4][2] = {{0, 1}, {2, 0}, {1, 2}, {0, 1}};
  for (std::uint32_t tile = 0; tile < 4; ++tile) {
    for (std::uint32_t segment = 0; segment < 2; ++segment) {
      CHECK(mapping.array_of(tile, segment) == expected[tile][segment]);
    }
  }
}

TEST_CASE("a head that fits the arrays is resident and needs no grouping of queries") {
  Config config;
  config.array.queries_per_program = 4;
  config.array.count = 8;
  const Mapping fits = map_onto(shape_of(64, 128, 64), config);  // 4 tiles * 2 segments = 8
  CHECK(fits.resident);
  CHECK(fits.queries_per_program == 1);
  const Mapping one_key_more = map_onto(shape_of(65, 128, 64), config);
  CHECK(!one_key_more.resident);
  CHECK(one_key_more.queries_per_program == 4);
}

TEST_CASE("the kept value rows must fit the value SRAM when they are fetched from DRAM") {
  Config config;
  config.memory.value_sram_kib = 4;  // 4096 bytes = 32 rows of 64 bf16
  CHECK(problems_of(shape_of(1024, 64, 64), config).empty());
  config.top_n.n = 33;
  config.top_n.register_entries = 128;
  const std::vector<std::string> problems = problems_of(shape_of(1024, 64, 64), config);
  REQUIRE(problems.size() == 1);
  CHECK_THAT(problems[0], ContainsSubstring("memory.value_sram_kib (4) holds 32 value rows"));
  CHECK_THAT(problems[0], ContainsSubstring("the 33 kept of a query"));
  CHECK_THAT(problems[0], ContainsSubstring("raise it to 5"));  // 33 * 128 = 4224 bytes
  CHECK(problems_of(shape_of(32, 64, 64), config).empty());     // no more rows than keys
}

TEST_CASE("fp32 values take twice the room of bf16") {
  Config config;
  config.memory.value_sram_kib = 4;
  config.value.format = NumberFormat::fp32;
  config.top_n.n = 16;
  CHECK(problems_of(shape_of(1024, 64, 64), config).empty());
  config.top_n.n = 17;
  REQUIRE(problems_of(shape_of(1024, 64, 64), config).size() == 1);
  CHECK_THAT(problems_of(shape_of(1024, 64, 64), config)[0], ContainsSubstring("value.format = \"bf16\""));
}

TEST_CASE("without DRAM all value rows of a head must fit the value SRAM") {
  Config config;
  config.memory.value_source = ValueSource::sram;
  config.memory.value_sram_kib = 128;  // 1024 rows * 64 * 2 bytes
  CHECK(problems_of(shape_of(1024, 64, 64), config).empty());
  const std::vector<std::string> problems = problems_of(shape_of(1025, 64, 64), config);
  REQUIRE(problems.size() == 1);
  CHECK_THAT(problems[0], ContainsSubstring("needs all 1025 of a head"));
  CHECK_THAT(problems[0], ContainsSubstring("raise it to 129"));
}

TEST_CASE("scores that overflow are refused, together with everything else that is wrong") {
  Config config;
  config.sensing.bits = 16;
  config.array.columns = 4096;
  config.memory.value_sram_kib = 1;
  const std::vector<std::string> problems = problems_of(shape_of(1024, 32769, 64), config);
  REQUIRE(problems.size() == 2);
  CHECK_THAT(problems[1], ContainsSubstring("2147516415"));  // 65535 * 32769 > 2^31 - 1
  config.sensing.kind = "ideal";
  CHECK(problems_of(shape_of(1024, 32769, 64), config).size() == 1);
}

TEST_CASE("an exp table too large to build is refused") {
  Config config;
  config.sensing.bits = 16;
  config.array.columns = 63;  // 4096 = 65 * 63 + 1: the step is one unit
  const std::vector<std::string> problems = problems_of(shape_of(64, 4096, 64), config);
  REQUIRE(problems.size() == 1);
  CHECK_THAT(problems[0], ContainsSubstring("exp table"));
  config.array.columns = 64;
  CHECK(problems_of(shape_of(64, 4096, 64), config).empty());
}
