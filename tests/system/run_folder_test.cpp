// SPDX-License-Identifier: Apache-2.0
// The files of a run: report.json, heads.csv and outputs have the same bytes every time.
#include <nlohmann/json.hpp>
#include <sstream>

#include "support/catch.h"
#include "support/program.h"

namespace capcam::testing {
namespace {

std::string make_trace(const TemporaryFolder& folder) {
  const std::string path = folder / "trace.safetensors";
  const Ended made =
      run_capcam({"trace", "synth",       path, "--layers",       "2",        "--batch", "2",  "--heads",
                  "4",     "--kv-heads",  "2",  "--queries",      "3",        "--keys",  "70", "--head-dim",
                  "40",    "--value-dim", "10", "--distribution", "clustered"});
  INFO(made.err);
  REQUIRE(made.status == 0);
  return path;
}

// A configuration far from the defaults, with every kind of value.
const std::vector<std::string> unusual = {"clock.frequency_ghz=0.75",
                                          "accelerator.cores=2",
                                          "array.rows=12",
                                          "array.queries_per_program=2",
                                          "sensing.bits=5",
                                          "top_n.n=9",
                                          "softmax.format=fp32",
                                          "softmax.pipelined_divider=true",
                                          "memory.bandwidth_gb_s=3.125",
                                          "memory.dram_card=hbm2",
                                          "memory.key_load=modelled"};

Ended run_into(const std::string& out, const std::string& config, const std::string& trace,
               const std::vector<std::string>& sets = {}) {
  Ended run = run_capcam(with_sets({"run", config, "--trace", trace, "--out", out, "--save-output", "--json"}, sets));
  INFO(run.err);
  REQUIRE(run.status == 0);
  return run;
}

// The resolved configuration as TOML: sections of plain values.
std::string toml_of(const nlohmann::json& config) {
  std::string text;
  for (const auto& [section, keys] : config.items()) {
    text += "[" + section + "]\n";
    for (const auto& [key, value] : keys.items())
      text += key + " = " + (value == "inf" ? std::string("inf") : value.dump()) + "\n";
  }
  return text;
}

std::vector<std::vector<std::string>> cells_of(const std::string& csv) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(csv);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream cells(line);
    rows.emplace_back();
    for (std::string cell; std::getline(cells, cell, ',');) rows.back().push_back(cell);
  }
  return rows;
}

}  // namespace

TEST_CASE("a run's folder holds what was asked for, and --json prints the same report") {
  const TemporaryFolder folder;
  const std::string trace = make_trace(folder);
  const Ended plain = run_capcam({"run", "camformer", "--trace", trace, "--out", folder / "new/plain"});
  REQUIRE(plain.status == 0);
  CHECK(files_in(folder / "new/plain") == std::vector<std::string>{"heads.csv", "report.json", "scores.csv"});
  CHECK_THAT(plain.out, ContainsSubstring("Cycles: "));  // the tables

  const Ended json = run_into(folder / "full", "camformer", trace);
  CHECK(files_in(folder / "full") ==
        std::vector<std::string>{"heads.csv", "outputs.safetensors", "report.json", "scores.csv"});
  CHECK(json.out == read_bytes(folder / "full/report.json"));
  CHECK(json.out == read_bytes(folder / "new/plain/report.json"));
}

TEST_CASE("a run too long for its waveform says so on stderr and in its report") {
  const TemporaryFolder folder;
  const std::string trace = folder / "trace.safetensors", waves = folder / "waves.vcd";
  REQUIRE(run_capcam({"trace", "synth", trace, "--heads", "1", "--queries", "90000", "--keys", "1", "--head-dim", "1",
                      "--value-dim", "1"})
              .status == 0);
  const Ended run = run_capcam({"run", "camformer", "--trace", trace, "--accuracy", "0", "--vcd", waves, "--json"});
  INFO(run.err);
  REQUIRE(run.status == 0);
  CHECK_THAT(run.err, ContainsSubstring("warning: " + waves + " ends at cycle"));
  CHECK_THAT(nlohmann::json::parse(run.out)["warnings"].dump(), ContainsSubstring("waves.vcd ends at cycle"));
}

TEST_CASE("a report has every key that scripts rely on") {
  const TemporaryFolder folder;
  const Ended run = run_into(folder / "out", "camformer", make_trace(folder));
  const nlohmann::json report = nlohmann::json::parse(run.out);
  CHECK(report.at("schema") == "capcam-report/1");
  for (const char* key : {"/config/clock/frequency_ghz",
                          "/config/array/rows",
                          "/trace/path",
                          "/trace/sha256",
                          "/trace/model",
                          "/trace/layers",
                          "/trace/batch",
                          "/trace/heads",
                          "/trace/kv_heads",
                          "/trace/queries",
                          "/trace/keys",
                          "/trace/head_dim",
                          "/trace/value_dim",
                          "/engine",
                          "/seed",
                          "/version",
                          "/cycles/total",
                          "/cycles/first_query_latency",
                          "/cycles/stages/association/busy",
                          "/cycles/stages/association/starved",
                          "/cycles/stages/association/blocked",
                          "/cycles/stages/normalization/busy",
                          "/cycles/stages/contextualization/busy",
                          "/counts/cam_array.search",
                          "/throughput/head_queries_per_ms",
                          "/throughput/queries_per_ms",
                          "/energy_pj/total",
                          "/energy_pj/on_chip",
                          "/energy_pj/dram",
                          "/energy_pj/leakage",
                          "/energy_pj/per_head_query",
                          "/energy_pj/components/cam_array",
                          "/area_um2/total",
                          "/area_um2/components/cam_array",
                          "/power_mw/total",
                          "/power_mw/on_chip",
                          "/power_mw/dram",
                          "/efficiency/head_queries_per_mj",
                          "/efficiency/queries_per_mj",
                          "/efficiency/tops_per_w",
                          "/accuracy/exact/selection_recall",
                          "/accuracy/exact/cosine",
                          "/accuracy/ideal/selection_recall",
                          "/accuracy/ideal/cosine",
                          "/accuracy/ideal/relative_l2",
                          "/accuracy/ideal/worst_head_cosine",
                          "/accuracy/exact/standard_error/selection_recall",
                          "/accuracy/ideal/standard_error/cosine",
                          "/accuracy/ideal/standard_error/relative_l2",
                          "/accuracy/empty_queries",
                          "/cards/0/component",
                          "/cards/0/card",
                          "/cards/0/source",
                          "/cards/0/technology_nm",
                          "/cards/0/evidence"}) {
    INFO(key);
    CHECK(report.contains(nlohmann::json::json_pointer(key)));
  }
  // Every cycle of every stage is accounted for, and energy is the sum of its components.
  const auto total = report.at("cycles").at("total").get<std::uint64_t>();
  for (const auto& [name, stage] : report.at("cycles").at("stages").items()) {
    INFO(name);
    CHECK(stage.at("busy").get<std::uint64_t>() + stage.at("starved").get<std::uint64_t>() +
              stage.at("blocked").get<std::uint64_t>() ==
          total * stage.at("units").get<std::uint64_t>());
  }
  double energy = report.at("energy_pj").at("leakage").get<double>();
  for (const auto& component : report.at("energy_pj").at("components")) energy += component.get<double>();
  CHECK(energy == Approx(report.at("energy_pj").at("total").get<double>()).epsilon(1e-12));
  // Every component names the card that prices it.
  CHECK(report.at("cards").size() == report.at("energy_pj").at("components").size());
  CHECK(report.at("trace").at("layers") == nlohmann::json({0, 1}));
}

TEST_CASE("heads.csv has one row per head, in order") {
  const TemporaryFolder folder;
  const Ended run = run_into(folder / "out", "camformer", make_trace(folder), {"accelerator.cores=3"});
  const auto rows = cells_of(read_bytes(folder / "out/heads.csv"));
  REQUIRE(rows.size() == 1 + 2 * 2 * 4);  // a header, then layers x batch x heads
  CHECK(rows[0] == std::vector<std::string>{"layer", "batch", "head", "kv_head", "core", "first_cycle", "last_cycle",
                                            "empty_queries", "measured_queries", "exact_selection_recall",
                                            "exact_cosine", "exact_relative_l2", "ideal_selection_recall",
                                            "ideal_cosine", "ideal_relative_l2"});
  std::uint64_t last = 0;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const std::size_t head = i - 1;
    INFO("row " << i);
    REQUIRE(rows[i].size() == rows[0].size());
    CHECK(rows[i][0] == std::to_string(head / 4 / 2));
    CHECK(rows[i][1] == std::to_string(head / 4 % 2));
    CHECK(rows[i][2] == std::to_string(head % 4));
    CHECK(rows[i][3] == std::to_string(head % 4 / 2));  // 4 heads read 2 key/value heads
    CHECK(rows[i][4] == std::to_string(head % 3));      // dealt to 3 cores in order
    CHECK(std::stoull(rows[i][5]) < std::stoull(rows[i][6]));
    CHECK(rows[i][7] == "0");
    last = std::max<std::uint64_t>(last, std::stoull(rows[i][6]));
  }
  CHECK(last == nlohmann::json::parse(run.out).at("cycles").at("total").get<std::uint64_t>());
}

TEST_CASE("the report's accuracy is the mean of the heads' in heads.csv, and its worst head is one of them") {
  const TemporaryFolder folder;
  const Ended run = run_into(folder / "out", "camformer", make_trace(folder));
  const auto rows = cells_of(read_bytes(folder / "out/heads.csv"));
  const auto accuracy = nlohmann::json::parse(run.out).at("accuracy");
  const std::vector<std::pair<std::string, std::string>> figures = {
      {"exact", "selection_recall"}, {"exact", "cosine"}, {"exact", "relative_l2"},
      {"ideal", "selection_recall"}, {"ideal", "cosine"}, {"ideal", "relative_l2"}};
  for (std::size_t figure = 0; figure < figures.size(); ++figure) {
    const auto& [against, name] = figures[figure];
    INFO(against << " " << name);
    double sum = 0.0, lowest = 1.0;
    for (std::size_t i = 1; i < rows.size(); ++i) {
      CHECK(rows[i][8] == "3");  // queries of every head, each measured
      sum += std::stod(rows[i][9 + figure]);
      lowest = std::min(lowest, std::stod(rows[i][9 + figure]));
    }
    CHECK(sum / static_cast<double>(rows.size() - 1) == Approx(accuracy.at(against).at(name).get<double>()));
    if (name == "cosine") CHECK(lowest == accuracy.at(against).at("worst_head_cosine").get<double>());
  }
}

TEST_CASE("scores.csv counts every valid and every kept key once, and ideal sensing has no error in it") {
  const TemporaryFolder folder;
  const std::string trace = make_trace(folder);
  const Ended run = run_into(folder / "out", "camformer", trace, {"sensing.kind=ideal", "top_n.n=9"});
  const auto rows = cells_of(read_bytes(folder / "out/scores.csv"));
  REQUIRE(rows.size() == 1 + 2 * (40 + 1));  // layers x match counts 0 to head_dim
  std::uint64_t valid = 0, kept = 0;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    valid += std::stoull(rows[i][2]);
    kept += std::stoull(rows[i][3]);
    if (rows[i][3] != "0")
      CHECK(std::vector<std::string>(rows[i].begin() + 4, rows[i].end()) ==
            std::vector<std::string>{"0", "0", "0", "0"});
  }
  CHECK(valid == 2 * 2 * 4 * 3 * 70);  // layers x batch x heads x queries x keys
  CHECK(kept == 2 * 2 * 4 * 3 * 9);

  // Four bits over 40 columns: a code is 2.5 matches, so an error is at most half of that, or a code at full scale.
  run_into(folder / "coarse", "camformer", trace, {"sensing.bits=4"});
  double largest = 0.0;
  for (const auto& row : cells_of(read_bytes(folder / "coarse/scores.csv"))) {
    if (row[0] == "layer" || row[3] == "0") continue;
    const double limit = row[1] == "39" || row[1] == "40" ? 2.5 : 1.25;
    CHECK(std::abs(std::stod(row[6])) <= limit);
    CHECK(std::abs(std::stod(row[7])) <= limit);
    CHECK(std::abs(std::stod(row[4])) <= std::stod(row[5]));  // mean of errors, mean of their sizes
    largest = std::max(largest, std::stod(row[5]));
  }
  CHECK(largest > 0.0);
}

TEST_CASE("a run without accuracy leaves no scores, also over an older result that had them") {
  const TemporaryFolder folder;
  const std::string trace = make_trace(folder);
  const std::string out = folder / "out";
  for (const std::string share : {"1", "0"})
    REQUIRE(run_capcam({"run", "camformer", "--trace", trace, "--out", out, "--accuracy", share}).status == 0);
  CHECK(files_in(out) == std::vector<std::string>{"heads.csv", "report.json"});
  CHECK_THAT(read_bytes(out + "/heads.csv"), ContainsSubstring(",0,,,,,,\n"));
}

TEST_CASE("both engines leave the same scores and heads") {
  const TemporaryFolder folder;
  const std::string trace = make_trace(folder);
  for (const std::string engine : {"systemc", "fast"}) {
    std::vector<std::string> words = {"run",      "camformer", "--trace", trace,
                                      "--engine", engine,      "--out",   folder / engine};
    REQUIRE(run_capcam(with_sets(words, {"sensing.matching_coefficient=0.02", "sensing.thermal_noise=true"})).status ==
            0);
  }
  for (const std::string file : {"scores.csv", "heads.csv"})
    CHECK(read_bytes(folder / ("systemc/" + file)) == read_bytes(folder / ("fast/" + file)));
}

TEST_CASE("a result can be had again from the configuration in its own report") {
  const TemporaryFolder folder;
  const std::string trace = make_trace(folder);
  const Ended once = run_into(folder / "once", "camformer", trace, unusual);
  write_bytes(folder / "again.toml", toml_of(nlohmann::json::parse(once.out).at("config")));
  const Ended again = run_into(folder / "again", folder / "again.toml", trace);
  CHECK(once.out == again.out);
  CHECK(read_bytes(folder / "once/heads.csv") == read_bytes(folder / "again/heads.csv"));
  CHECK(read_bytes(folder / "once/outputs.safetensors") == read_bytes(folder / "again/outputs.safetensors"));
}

TEST_CASE("two runs leave the same bytes, also over an older result") {
  const TemporaryFolder folder;
  const std::string trace = make_trace(folder);
  run_into(folder / "a", "camformer", trace, unusual);
  run_into(folder / "b", "camformer", trace);
  run_into(folder / "b", "camformer", trace, unusual);
  REQUIRE(files_in(folder / "a") == files_in(folder / "b"));
  for (const std::string& name : files_in(folder / "a")) {
    INFO(name);
    CHECK(read_bytes(folder / ("a/" + name)) == read_bytes(folder / ("b/" + name)));
  }
}

TEST_CASE("some layers of a trace give what they give in all") {
  const TemporaryFolder folder;
  const std::string trace = make_trace(folder);
  const Ended all = run_capcam({"run", "camformer", "--trace", trace, "--layers", "0-1", "--json"});
  const Ended default_layers = run_capcam({"run", "camformer", "--trace", trace, "--json"});
  CHECK(all.out == default_layers.out);
  const Ended one = run_capcam({"run", "camformer", "--trace", trace, "--layers", "1", "--json"});
  REQUIRE(one.status == 0);
  const nlohmann::json report = nlohmann::json::parse(one.out);
  CHECK(report.at("trace").at("layers") == nlohmann::json({1}));
  // Two layers of one shape take the same work each.
  CHECK(2 * report.at("counts").at("cam_array.search").get<int>() ==
        nlohmann::json::parse(all.out).at("counts").at("cam_array.search").get<int>());
}

}  // namespace capcam::testing
