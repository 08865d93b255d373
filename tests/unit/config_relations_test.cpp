// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "capcam/read_config.h"
#include "config/check.h"
#include "support/catch.h"
#include "support/config_files.h"

namespace capcam {
namespace {

using testing::ConfigFiles;
using Lines = std::vector<std::string>;

Lines texts(const Config& config) {
  Lines lines;
  for (const RelationProblem& problem : relation_problems(config)) lines.push_back(problem.text);
  return lines;
}

TEST_CASE("the published design breaks no relation") {
  const ConfigFiles files;
  CHECK(texts(Config{}).empty());
}

TEST_CASE("a tile cannot yield more candidates than it has rows") {
  const ConfigFiles files;
  Config config;
  config.top_n.tile_k = 16;
  CHECK(texts(config).empty());  // 32 + 16 candidates fit 64
  config.top_n.tile_k = 17;
  CHECK(texts(config) == Lines{"top_n.tile_k (17) is more than array.rows (16): a tile has no more keys than the array "
                               "has rows; set it to 16 or less, or to 0 to keep all"});
}

TEST_CASE("a sampling capacitor is a part of the matchline's capacitance, and both keys are named") {
  const ConfigFiles files;
  Config config;
  config.sensing.circuit.matchline_capacitance_ff = 40.0;
  config.sensing.circuit.sampling_capacitance_ff = 40.0;
  CHECK(texts(config).empty());
  config.sensing.circuit.sampling_capacitance_ff = 41.0;
  REQUIRE(texts(config).size() == 1);
  CHECK_THAT(texts(config)[0], ContainsSubstring("sensing.sampling_capacitance_ff (41) is more than "
                                                 "sensing.matchline_capacitance_ff (40)"));
  config.sensing.circuit.matchline_capacitance_ff.reset();  // by the cards, the sampling capacitor included
  CHECK(texts(config).empty());
}

TEST_CASE("rows that wait for a sampling converter stay joined") {
  const ConfigFiles files;
  Config config;
  config.sensing.circuit.share_switches = ShareSwitches::open;
  CHECK(texts(config).empty());
  config.sensing.rows_per_converter = 2;
  REQUIRE(texts(config).size() == 1);
  CHECK_THAT(texts(config)[0], ContainsSubstring("sensing.share_switches (\"open\")") &&
                                   ContainsSubstring("sensing.rows_per_converter = 2") &&
                                   ContainsSubstring("sampling_capacitance_ff to 0"));
  for (const auto change :
       {+[](SensingParams& s) { s.kind = "flash"; }, +[](SensingParams& s) { s.circuit.sampling_capacitance_ff = 0.0; },
        +[](SensingParams& s) { s.circuit.share_switches = ShareSwitches::closed; },
        +[](SensingParams& s) { s.circuit.cell_circuit = CellCircuit::coupling; }}) {
    Config other = config;
    change(other.sensing);
    CHECK(texts(other).empty());
  }
}

TEST_CASE("a supply that turns no switch on is refused with settling or without") {
  const ConfigFiles files;
  Config config;
  config.sensing.circuit.supply_v = 0.44;
  for (const bool settling : {false, true}) {
    config.sensing.circuit.settling = settling;
    REQUIRE(texts(config).size() == 1);
    CHECK_THAT(texts(config)[0],
               ContainsSubstring("sensing.supply_v (0.44)") && ContainsSubstring("threshold_v (0.4)"));
  }
  config.sensing.kind = "ideal";
  CHECK(texts(config).empty());
}

TEST_CASE("a switch without resistance has no width from which leakage could follow") {
  const ConfigFiles files;
  Config config;
  config.sensing.circuit.switch_resistance_kohm = 0.0;
  CHECK(texts(config).empty());
  config.sensing.circuit.switch_leakage_pa_per_um = 50.0;
  REQUIRE(texts(config).size() == 1);
  CHECK_THAT(texts(config)[0], ContainsSubstring("sensing.switch_resistance_kohm (0)"));
  config.sensing.circuit.leakage_pa = 10.0;
  CHECK(texts(config).empty());
}

TEST_CASE("after a merge the register has room for another tile's candidates") {
  const ConfigFiles files;
  Config config;
  config.top_n.register_entries = 34;  // 32 kept + 2 of a tile
  CHECK(texts(config).empty());
  config.top_n.register_entries = 33;
  CHECK(texts(config) ==
        Lines{"top_n.register_entries (33) is less than top_n.n + the candidates of a tile (32 + 2 = 34; "
              "top_n.tile_k): after a merge down to n there is no room for another tile's candidates"});
  config.top_n.tile_k = 0;  // all 16 rows are candidates
  config.top_n.register_entries = 48;
  CHECK(texts(config).empty());
  config.top_n.register_entries = 47;
  CHECK(
      texts(config) ==
      Lines{"top_n.register_entries (47) is less than top_n.n + the candidates of a tile (32 + 16 = 48; array.rows, as "
            "top_n.tile_k is 0): after a merge down to n there is no room for another tile's candidates"});
  config.top_n.register_entries = 31;
  CHECK(texts(config) ==
        Lines{"top_n.n (32) is more than top_n.register_entries (31): the keys kept for a query stay in "
              "its candidate register"});
  config.top_n.n = 1048576;  // no overflow at the upper limits
  config.top_n.register_entries = 2097152;
  config.array.rows = 65536;
  CHECK(texts(config).empty());
}

TEST_CASE("an array has rows for what is programmed and converted at once") {
  const ConfigFiles files;
  Config config;
  config.array.rows = 3;
  CHECK(texts(config) ==
        Lines{"array.program_rows_per_cycle (4) is more than array.rows (3): no more rows than the array "
              "has can be written in a cycle; set it to 3 or less"});
  config.array.program_rows_per_cycle = 3;
  config.sensing.rows_per_converter = 4;
  CHECK(texts(config) ==
        Lines{"sensing.rows_per_converter (4) is more than array.rows (3): one converter for all rows is "
              "the least an array can have; set it to 3 or less"});
  config.sensing.rows_per_converter = 3;
  CHECK(texts(config).empty());
}

TEST_CASE("queries that wait for one another do not share the programming of a tile") {
  const ConfigFiles files;
  Config config;
  config.pipeline.decode = Decode::append;
  CHECK(texts(config).empty());
  config.array.queries_per_program = 4;
  CHECK(texts(config) == Lines{"array.queries_per_program (4) shares the programming of a tile among queries, but with "
                               "pipeline.decode (\"append\") a query waits for the one before; set it to 1"});
  config.pipeline.decode = Decode::off;
  CHECK(texts(config).empty());
}

TEST_CASE("a memory that would need years for a head is refused") {
  const ConfigFiles files;
  Config config;
  config.memory.bandwidth_gb_s = 1e-6;  // one byte in 1e6 cycles of 1 GHz
  CHECK(texts(config).empty());
  config.clock.frequency_ghz = 2.0;
  REQUIRE(texts(config).size() == 1);
  CHECK_THAT(texts(config)[0], ContainsSubstring("memory.bandwidth_gb_s (1e-06) at clock.frequency_ghz (2)"));
}

TEST_CASE("card names are names, and there") {
  const ConfigFiles files;
  files.write("data/models/dram/hbm2_oconnor_micro_2017.toml", "");
  Config config;
  config.memory.dram_card = "hbm2_oconnor_micro_2017";
  CHECK(texts(config).empty());
  config.memory.dram_card = "camformr";
  config.cost.library = "dram";  // a folder of models, but of DRAM cards
  const Lines lines = texts(config);
  REQUIRE(lines.size() == 2);
  CHECK_THAT(lines[0], ContainsSubstring("memory.dram_card (\"camformr\") is no DRAM card in models/dram, did you mean "
                                         "\"camformer\"?; there are: ") &&
                           ContainsSubstring("hbm2_oconnor_micro_2017"));
  CHECK_THAT(lines[1], ContainsSubstring("cost.library (\"dram\") is no card library in models") &&
                           ContainsSubstring("there are: ") && ContainsSubstring("camformer45"));
  for (const char* path : {"", "../camformer", "dram/camformer", "/etc/passwd", "..", "a\\b"}) {
    config.memory.dram_card = path;
    REQUIRE(texts(config).size() == 2);
    CHECK_THAT(texts(config)[0], ContainsSubstring("is no plain name"));
  }
}

TEST_CASE("a relation is said at the first of its keys that is given") {
  const ConfigFiles files;
  const auto path = files.write("own.toml", "[array]\nrows = 3\n[top_n]\ntile_k = 4\n");
  CHECK(
      files.problems_of([&] { read_config(path); }) ==
      Lines{
          "own.toml:2:8: array.program_rows_per_cycle (4) is more than array.rows (3): no more rows than the array has "
          "can be written in a cycle; set it to 3 or less",
          "own.toml:4:10: top_n.tile_k (4) is more than array.rows (3): a tile has no more keys than the array has "
          "rows; set it to 3 or less, or to 0 to keep all"});
}

TEST_CASE("a relation with a refused key is not judged by that key's default") {
  const ConfigFiles files;
  const auto path = files.write("own.toml", "[array]\nrows = 65537\nprogram_rows_per_cycle = 32\n");
  CHECK(files.problems_of([&] { read_config(path); }) ==
        Lines{"own.toml:2:8: array.rows: expected 1 to 65536 rows, got 65537"});
}

}  // namespace
}  // namespace capcam
