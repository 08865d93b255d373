// SPDX-License-Identifier: Apache-2.0
#include "capcam/read_config.h"

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/toml_reader.h"
#include "config/writer.h"
#include "support/catch.h"
#include "support/config_files.h"
#include "support/places.h"

namespace capcam {
namespace {

using testing::ConfigFiles;
using Lines = std::vector<std::string>;

Lines problems(const ConfigFiles& files, const std::string& text, const Lines& sets = {}) {
  const std::filesystem::path path = files.write("bad.toml", text);
  return files.problems_of([&] { read_config(path, sets); });
}

TEST_CASE("a file of mistakes is answered with all of them, in the order of the file") {
  const ConfigFiles files;
  const std::string text =
      "# Every kind of mistake.\n"                        // line 1
      "rows = 16\n"                                       // 2
      "cost = \"camformer45\"\n"                          // 3
      "[clock]\n"                                         // 4
      "frequency_ghz = 0\n"                               // 5
      "[array]\n"                                         // 6
      "  rows = 64.5\n"                                   // 7
      "columns = 5000\n"                                  // 8
      "count = -1\n"                                      // 9
      "search_cycle = 1\n"                                // 10
      "queries_per_program = true\n"                      // 11
      "[sensing]\n"                                       // 12
      "kind = \"dual_slope\"\n"                           // 13
      "bits = \"six\"\n"                                  // 14
      "[topn]\n"                                          // 15
      "n = 32\n"                                          // 16: not said again, its section is unknown
      "[top_n]\n"                                         // 17
      "n = 128\n"                                         // 18
      "tile_k = [2]\n"                                    // 19
      "[softmax]\n"                                       // 20
      "format = 16\n"                                     // 21
      "lanes = 8\n"                                       // 22
      "divide_cycles = nan\n"                             // 23
      "[value.lanes]\n"                                   // 24
      "eight = 1\n"                                       // 25
      "[memory]\n"                                        // 26
      "bandwidth_gb_s = -inf\n"                           // 27
      "dram_card = 3\n"                                   // 28
      "key_sram_kib = 0x0\n"                              // 29
      "latency_cycles = 1979-05-27\n"                     // 30
      "[pipeline]\n"                                      // 31
      "query_overlap = \"yes\"\n"                         // 32
      "zzz.a = 1\n"                                       // 33
      "[score]\n"                                         // 34
      "\"scale\\u001b cycles\" = 9223372036854775807\n";  // 35
  const Lines expected = {
      "bad.toml:2:1: rows: unknown key, did you mean \"array.rows\"?",
      "bad.toml:3:8: cost: expected a section [cost], got \"camformer45\"",
      "bad.toml:5:17: clock.frequency_ghz: expected 0.001 to 100 GHz, got 0",
      "bad.toml:7:10: array.rows: expected a whole number, 1 to 65536 rows, got 64.5",
      "bad.toml:8:11: array.columns: expected 1 to 4096 columns, got 5000",
      "bad.toml:9:9: array.count: expected 1 to 4096 arrays, got -1",
      "bad.toml:10:1: array.search_cycle: unknown key, did you mean \"search_cycles\"?",
      "bad.toml:11:23: array.queries_per_program: expected a whole number, 1 to 4096 queries, got true",
      "bad.toml:13:8: sensing.kind: expected one of ideal, sar, flash, ramp, time_domain, got \"dual_slope\"",
      "bad.toml:14:8: sensing.bits: expected a whole number, 1 to 16 bits, got \"six\"",
      "bad.toml:15:1: topn: unknown key, did you mean \"top_n\"?",
      "bad.toml:18:5: top_n.n (128) is more than top_n.register_entries (64): the keys kept for a query stay in its "
      "candidate register",
      "bad.toml:19:10: top_n.tile_k: expected a whole number, 0 to 65536 keys, got an array",
      "bad.toml:21:10: softmax.format: expected one of bf16, fp32, got 16",
      "bad.toml:22:1: softmax.lanes: unknown key, did you mean \"value.lanes\"?",
      "bad.toml:23:17: softmax.divide_cycles: expected a whole number, 1 to 1024 cycles, got nan",
      "bad.toml:24:1: value.lanes: expected a whole number, 1 to 65536 lanes, got a table",
      "bad.toml:27:18: memory.bandwidth_gb_s: expected a finite number, more than 0 GB/s, got -inf",
      "bad.toml:28:13: memory.dram_card: expected a string, got 3",
      "bad.toml:29:16: memory.key_sram_kib: expected 1 to 1048576 KiB, got 0",
      "bad.toml:30:18: memory.latency_cycles: expected a whole number, 1 to 1048576 cycles, got a date",
      "bad.toml:32:17: pipeline.query_overlap: expected true or false, got \"yes\"",
      "bad.toml:33:1: pipeline.zzz: unknown key; pipeline has query_overlap, decode",
      "bad.toml:35:1: score.\"scale\\u001b cycles\": unknown key, did you mean \"scale_cycles\"?",
  };
  const Lines found = problems(files, text);
  for (std::size_t i = 0; i < std::min(found.size(), expected.size()); ++i) CHECK(found[i] == expected[i]);
  CHECK(found.size() == expected.size());
  CHECK_THROWS_WITH(read_config(files.folder() / "bad.toml"),
                    ContainsSubstring("24 problems in the configuration") && ContainsSubstring("bad.toml\n  "));
}

TEST_CASE("one problem is one problem") {
  const ConfigFiles files;
  const auto path = files.write("bad.toml", "array.rows = 0\n");
  CHECK_THROWS_WITH(read_config(path), ContainsSubstring("1 problem in the configuration"));
  CHECK(problems(files, "array.rows = 0\n") == Lines{"bad.toml:1:14: array.rows: expected 1 to 65536 rows, got 0"});
}

TEST_CASE("an empty file is the published design") {
  const ConfigFiles files;
  CHECK(config_to_json(read_config(files.write("empty.toml", ""))) == config_to_json(Config{}));
  CHECK(config_to_json(read_config(files.write("comment.toml", "# nothing\n"))) == config_to_json(Config{}));
}

TEST_CASE("given keys are read and the others keep their defaults") {
  const ConfigFiles files;
  const Config config = read_config(files.write("c.toml",
                                                "clock = {frequency_ghz = 2}\n"  // a float field takes an integer
                                                "[array]\nrows = 32\ncolumns = 1_28\n"
                                                "[sensing]\nkind = 'ideal'\n"
                                                "[memory]\nbandwidth_gb_s = 5.5e1\nkey_load = \"modelled\"\n"
                                                "[pipeline]\nquery_overlap = true\n"));
  CHECK(config.clock.frequency_ghz == 2.0);
  CHECK(config.array.rows == 32);
  CHECK(config.array.columns == 128);
  CHECK(config.array.count == 1);
  CHECK(config.sensing.kind == "ideal");
  CHECK(config.memory.bandwidth_gb_s == 55.0);
  CHECK(config.memory.key_load == HeadLoad::modelled);
  CHECK(config.memory.value_source == ValueSource::dram_prefetch);
  CHECK(config.pipeline.query_overlap);
}

TEST_CASE("infinity is for the bandwidth and not for the clock") {
  const ConfigFiles files;
  CHECK(std::isinf(read_config(files.write("c.toml", "memory.bandwidth_gb_s = inf\n")).memory.bandwidth_gb_s));
  CHECK(std::isinf(read_config(files.write("c.toml", "memory.bandwidth_gb_s = +inf\n")).memory.bandwidth_gb_s));
  CHECK(problems(files, "clock.frequency_ghz = inf\n") ==
        Lines{"bad.toml:1:23: clock.frequency_ghz: expected a finite number, 0.001 to 100 GHz, got inf"});
  CHECK(problems(files, "memory.bandwidth_gb_s = nan\n") ==
        Lines{"bad.toml:1:25: memory.bandwidth_gb_s: expected a finite number, more than 0 GB/s, got nan"});
  CHECK(problems(files, "memory.bandwidth_gb_s = 0.0\n") ==
        Lines{"bad.toml:1:25: memory.bandwidth_gb_s: expected more than 0 GB/s, got 0.0"});
}

TEST_CASE("a whole number written as a float is no whole number") {
  const ConfigFiles files;
  CHECK(problems(files, "array.rows = 16.0\n") ==
        Lines{"bad.toml:1:14: array.rows: expected a whole number, 1 to 65536 rows, got 16.0"});
}

TEST_CASE("syntax errors name file, line and column") {
  const ConfigFiles files;
  const Lines twice = problems(files, "[array]\nrows = 1\nrows = 2\n");
  REQUIRE(twice.size() == 1);
  CHECK_THAT(twice[0], ContainsSubstring("bad.toml:3:") && ContainsSubstring("cannot redefine existing integer"));
  const Lines open = problems(files, "[array\nrows = 1\n");
  REQUIRE(open.size() == 1);
  CHECK_THAT(open[0], ContainsSubstring("bad.toml:1:7: "));
  CHECK_THAT(problems(files, std::string("array.rows = 1\0", 15)).at(0), ContainsSubstring("bad.toml:1:15: "));
}

TEST_CASE("a file that cannot be read says why") {
  const ConfigFiles files;
  CHECK(files.problems_of([&] { read_config(files.folder() / "none.toml"); }) ==
        Lines{"none.toml: cannot be read: No such file or directory"});
  CHECK(files.problems_of([&] { read_config(files.folder() / "data"); }) ==
        Lines{"data: cannot be read: Is a directory"});
}

// Every whole-number field with its limits, as config.h lists them.
struct Edges {
  struct Edge {
    std::string key;
    std::uint32_t min;
    std::uint32_t max;
  };
  std::string prefix;
  std::vector<Edge> edges;

  template <class T>
  void field(std::string_view name, const T&, const std::type_identity_t<Spec<T>>& spec) {
    if constexpr (std::is_same_v<T, std::uint32_t>) {
      edges.push_back({prefix + std::string(name), spec.min.value(), spec.max.value()});
    }
  }
  void derived(std::string_view, const std::optional<double>&, const Spec<double>&) {}
  void choice(std::string_view, const std::string&, const std::vector<Named>&, const Spec<std::string>& = {}) {}
  template <class E, std::size_t N>
  void choice(std::string_view, const E&, const Choice<E> (&)[N], const std::type_identity_t<Spec<E>>& = {}) {}
  template <class S>
  void section(std::string_view name, const S& params) {
    prefix = std::string(name) + ".";
    S::describe(*this, params);
  }
};

TEST_CASE("every limit is the last value taken") {
  const ConfigFiles files;
  const auto path = files.write("empty.toml", "");
  const auto read = [&](const std::string& key, std::int64_t value) {
    return files.problems_of([&] {
      TomlReader reader(path, {key + "=" + std::to_string(value)});  // without relations between keys
      Config config;
      Config::describe(reader, config);
      reader.finish();
    });
  };
  Edges edges;
  const Config defaults;
  Config::describe(edges, defaults);
  CHECK(edges.edges.size() > 20);
  for (const Edges::Edge& edge : edges.edges) {
    INFO(edge.key);
    CHECK(read(edge.key, edge.min).empty());
    CHECK(read(edge.key, edge.max).empty());
    CHECK(read(edge.key, std::int64_t{edge.min} - 1).size() == 1);
    CHECK(read(edge.key, std::int64_t{edge.max} + 1).size() == 1);
    CHECK(read(edge.key, std::int64_t{edge.min} + (std::int64_t{1} << 32)).size() == 1);  // no wrap
  }
}

TEST_CASE("a configuration is found by path, then among the shipped ones") {
  const ConfigFiles files;
  const auto own = files.write("own.toml", "");
  const auto shipped = files.write("data/configs/tiny.toml", "");
  CHECK(resolve_config_path(own.string()) == own);
  CHECK(resolve_config_path("tiny") == shipped);
  CHECK(resolve_config_path("tiny.toml") == shipped);
  CHECK(resolve_config_path("camformer") == testing::source_dir() / "configs" / "camformer.toml");
  const Lines unknown = files.problems_of([] { resolve_config_path("camfromer"); });
  REQUIRE(unknown.size() == 2);
  CHECK(unknown[0] == "did you mean camformer?");
  CHECK_THAT(unknown[1], ContainsSubstring("shipped configurations: ") && ContainsSubstring("tiny"));
  CHECK_THROWS_AS(resolve_config_path(""), InputError);
  CHECK_THROWS_AS(resolve_config_path((files.folder() / "none.toml").string()), InputError);
}

}  // namespace
}  // namespace capcam
