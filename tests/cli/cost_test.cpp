// SPDX-License-Identifier: Apache-2.0
// capcam cost as a user meets it.
#include <nlohmann/json.hpp>

#include "cli/refusal.h"

namespace capcam::testing {
namespace {

using Json = nlohmann::ordered_json;

// Makes a small run and its report.
struct Run {
  explicit Run(const std::string& config, const std::vector<std::string>& sets = {}) {
    const Ended synth = run_capcam({"trace", "synth", folder / "t.safetensors", "--heads", "2", "--kv-heads", "1",
                                    "--queries", "5", "--keys", "70", "--head-dim", "64", "--value-dim", "8"});
    INFO(synth.err);
    REQUIRE(synth.status == 0);
    const Ended ended = run_capcam(
        with_sets({"run", config, "--trace", folder / "t.safetensors", "--out", folder / "out", "--json"}, sets));
    INFO(ended.err);
    REQUIRE(ended.status == 0);
    report = Json::parse(ended.out);
  }
  std::string path() const { return folder / "out/report.json"; }
  std::string changed(const std::function<void(Json&)>& change) const {
    Json other = report;
    change(other);
    write_bytes(folder / "other.json", other.dump());
    return folder / "other.json";
  }
  TemporaryFolder folder;
  Json report;
};

Json cost_json(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "cost");
  arguments.emplace_back("--json");
  const Ended ended = run_capcam(arguments);
  INFO(ended.err);
  REQUIRE(ended.status == 0);
  return Json::parse(ended.out);
}

}  // namespace

TEST_CASE("a finished run priced again under its own cards costs the same to the last bit") {
  for (const std::string config : {"camformer", "physical-65nm"}) {
    const Run run(config);
    CHECK(cost_json({config, "--counts", run.path()})["energy_pj"] == run.report["energy_pj"]);
  }
}

TEST_CASE("a finished run priced under other cards costs what a run with them costs") {
  const Run run("camformer"), physical("physical-28nm");
  CHECK(run.report["counts"] == physical.report["counts"]);
  CHECK(cost_json({"physical-28nm", "--counts", run.path()})["energy_pj"] == physical.report["energy_pj"]);
}

TEST_CASE("a run of another machine is not priced, and every key that differs is named") {
  const Run run("camformer", {"array.rows=32", "top_n.n=16"});
  check_refused({"cost", "camformer", "--counts", run.path()},
                {"array\\.rows was 32, not 16", "top_n\\.n was 16, not 32"});
  check_refused({"cost", "camformer", "--counts", run.path(), "--set", "array.rows=32", "--set", "top_n.n=16", "--set",
                 "sensing.offset_mv=1"},
                {"sensing\\.offset_mv was 0.0, not 1"});
}

TEST_CASE("a report that was tampered with is refused, all problems at once") {
  const Run run("camformer");
  const auto refused = [&](const std::function<void(Json&)>& change, const std::vector<std::string>& because) {
    check_refused({"cost", "camformer", "--counts", run.changed(change)}, because);
  };
  refused([](Json& r) { r["schema"] = "capcam-cost/1"; }, {"schema capcam-report/1"});
  refused(
      [](Json& r) {
        r["counts"]["merger.merge"] = -1;
        r["counts"].erase("cam_array.match");
        r["counts"]["free.lunch"] = 1;
        r["cycles"]["total"] = 1.5;
        r["trace"]["head_dim"] = "64";
      },
      {"merger\\.merge.*-1", "lacks cam_array\\.match", "unknown action free\\.lunch", "cycles/total.*1\\.5",
       "trace/head_dim"});
  refused([](Json& r) { r = Json::array({1, 2}); }, {"schema"});
  write_bytes(run.folder / "text.json", "not json");
  check_refused({"cost", "camformer", "--counts", run.folder / "text.json"}, {"not JSON"});
  check_refused({"cost", "camformer", "--counts", run.folder / "none.json"}, {"none\\.json"});
}

TEST_CASE("keys that a table of modules has no use for are named") {
  const std::vector<std::string> sets = {"cost.node_nm=28", "cost.converter=survey"};
  const Ended modules = run_capcam(with_sets({"cost", "camformer"}, sets));
  REQUIRE(modules.status == 0);
  CHECK_THAT(
      modules.err + modules.out,
      ContainsSubstring("camformer45 does not know cost.node_nm, cost.converter: its numbers are used as they are"));
  const Ended units = run_capcam(with_sets({"cost", "physical-65nm"}, sets));
  REQUIRE(units.status == 0);
  CHECK_THAT(units.err + units.out, !ContainsSubstring("does not know"));
}

TEST_CASE("two configurations are shown side by side, with the energy of a run if there is one") {
  const Ended prices = run_capcam({"cost", "camformer", "--vs", "physical-65nm"});
  REQUIRE(prices.status == 0);
  CHECK_THAT(prices.out, ContainsSubstring("camformer") && ContainsSubstring("physical-65nm") &&
                             ContainsSubstring("cam_array.match") && ContainsSubstring("dram.value_bytes"));
  CHECK_THAT(prices.out, !ContainsSubstring("head-query"));
  const Run run("camformer");
  const Ended energies = run_capcam({"cost", "camformer", "--vs", "physical-65nm", "--counts", run.path()});
  REQUIRE(energies.status == 0);
  CHECK_THAT(energies.out, ContainsSubstring("run, pJ per head-query"));
}

TEST_CASE("reference tables are written for Accelergy") {
  const TemporaryFolder folder;
  REQUIRE(run_capcam({"cost", "camformer", "--accelergy", folder / "tables"}).status == 0);
  CHECK(files_in(folder / "tables") == std::vector<std::string>{"ART.yaml", "ERT.yaml"});
  const std::string ert = read_bytes(folder / "tables/ERT.yaml"), art = read_bytes(folder / "tables/ART.yaml");
  CHECK_THAT(ert, ContainsSubstring("ERT:\n  version: 0.4\n  tables:\n") &&
                      ContainsSubstring("  - name: capcam.converter[1..16]\n    actions:\n    - name: convert\n"
                                        "      arguments: {}\n      energy: 1.9\n"));
  CHECK_THAT(art, ContainsSubstring("ART:\n  version: 0.4\n  tables:\n") &&
                      ContainsSubstring("  - name: capcam.converter[1..16]\n    area: 4000\n"));
}

TEST_CASE("cards of one's own take the place of shipped ones, and the output says so") {
  const TemporaryFolder folder;
  const std::filesystem::path own = folder / "own";
  std::filesystem::create_directories(own / "physical");
  std::filesystem::create_directories(own / "dram");
  const std::string card =
      "unit = \"register_bit\"\nmodule = \"mine\"\nsource = \"my layout\"\ntechnology_nm = 65\nsupply_v = 1.0\n"
      "evidence = \"post_layout\"\nenergy_pj = { value = 0.1 }\narea_um2 = { value = 77 }\n";
  write_bytes(own / "physical/mine.toml", card);
  write_bytes(
      own / "dram/mine.toml",
      "module = \"mine\"\nsource = \"data sheet\"\ntechnology_nm = 0\nevidence = \"silicon\"\npj_per_bit = 5\n");
  const std::vector<std::string> arguments = {"physical-65nm", "--models", own.string(), "--set",
                                              "memory.dram_card=\"mine\""};
  const Json cost = cost_json(arguments);
  for (const Json& component : cost["components"]) {
    if (component["component"] != "query_buffer") continue;
    const double of_64_bits = component["energy_per_action_pj"]["write"];
    CHECK(of_64_bits == Approx(6.4));
    CHECK(component["energy_per_action_interval_pj"]["write"]["high"] == of_64_bits);
  }
  CHECK(cost["dram_pj_per_bit"] == 5.0);
  CHECK_THAT(cost["warnings"].dump(), ContainsSubstring("card mine of"));
  check_refused({"cost", "camformer", "--models", (own / "physical").string()}, {"neither a folder camformer45"});
  check_refused({"cost", "camformer", "--models", folder / "nowhere"}, {"--models"});
  write_bytes(own / "physical/mine.toml", card + "colour = \"red\"\n");
  check_refused({"cost", "physical-65nm", "--models", own.string()}, {"mine\\.toml:9.*colour"});
  check_refused({"check", "physical-65nm", "--models", own.string()}, {"mine\\.toml:9.*colour"});
}

}  // namespace capcam::testing
