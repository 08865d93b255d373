// SPDX-License-Identifier: Apache-2.0
// --accuracy on few queries, and on as many as a time allows.
#include <nlohmann/json.hpp>

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

TEST_CASE("a share is spread over all heads, with the standard errors of its means") {
  const TemporaryFolder folder;
  const std::string trace = folder / "t";
  REQUIRE(run_capcam({"trace", "synth", trace, "--heads", "5", "--queries", "40", "--keys", "256"}).status == 0);
  const auto accuracy = [&](const char* share) {
    const Ended ended =
        run_capcam({"run", "camformer", "--trace", trace, "--accuracy", share, "--json", "--engine", "fast"});
    REQUIRE(ended.status == 0);
    return nlohmann::json::parse(ended.out).at("accuracy");
  };
  const nlohmann::json least = accuracy("1e-8"), some = accuracy("0.25"), all = accuracy("1");
  CHECK(least.at("measured_queries") == 5);
  CHECK(some.at("measured_queries") == 50);
  for (const char* reference : {"exact", "ideal"}) {
    for (const char* figure : {"selection_recall", "cosine", "relative_l2"}) {
      const nlohmann::json& of_some = some.at(reference);
      const double error = of_some.at("standard_error").at(figure).get<double>();
      CHECK(all.at(reference).at("standard_error").at(figure) == 0.0);
      CHECK(error > 0.0);
      // Four standard errors hold the mean of all, but for one time in 16,000.
      CHECK(std::abs(of_some.at(figure).get<double>() - all.at(reference).at(figure).get<double>()) < 4 * error);
    }
  }
}

TEST_CASE("compare measures the dense unit on the queries of the smallest share") {
  const TemporaryFolder folder;
  const std::string trace = folder / "t";
  REQUIRE(run_capcam({"trace", "synth", trace, "--heads", "2", "--queries", "32", "--keys", "64"}).status == 0);
  const Ended ended = run_capcam({"compare", "camformer", "--trace", trace, "--accuracy", "0.00000001", "--json"});
  REQUIRE(ended.status == 0);
  const nlohmann::json dense = nlohmann::json::parse(ended.out).at("dense");
  CHECK(dense.at("accuracy").at("cosine").get<double>() > 0.999);  // bf16 keeps eight bits
  CHECK(dense.at("accuracy_of_the_other_key_format").at("cosine").get<double>() > 0.99);
}

TEST_CASE("compare sets a machine beside a digital unit for one-bit keys, with cards of one's own") {
  const TemporaryFolder folder;
  const std::string trace = folder / "t", models = folder / "models";
  REQUIRE(run_capcam({"trace", "synth", trace, "--heads", "2", "--queries", "8", "--keys", "64"}).status == 0);
  std::vector<std::string> command = {"compare", "camformer",  "--baseline", "digital-binary", "--trace",
                                      trace,     "--accuracy", "0",          "--json"};
  const auto of = [&] {
    const Ended ended = run_capcam(command);
    INFO(ended.err);
    REQUIRE(ended.status == 0);
    return nlohmann::json::parse(ended.out);
  };
  const nlohmann::json shipped = of();
  CHECK(shipped.at("schema") == "capcam-compare/2");
  CHECK(shipped.at("digital_binary").at("cycles") <= shipped.at("machine").at("cycles").at("total"));
  CHECK(shipped.at("figures").size() == 6);
  for (const nlohmann::json& figure : shipped.at("figures")) {
    const nlohmann::json& ratio = figure.at("ratio");
    CHECK(ratio.at("low").get<double>() <= ratio.at("median").get<double>());
    CHECK(ratio.at("median").get<double>() <= ratio.at("high").get<double>());
  }
  // A register bit ten times as dear makes both dearer.
  std::filesystem::create_directories(models + "/physical");
  std::string card = read_bytes(source_dir() / "models/physical/register_bit_aladdin.toml");
  const std::string was = "energy_pj = { value = 0.009 }";
  REQUIRE(card.find(was) != std::string::npos);
  write_bytes(models + "/physical/register_bit_mine.toml",
              card.replace(card.find(was), was.size(), "energy_pj = { value = 0.09 }"));
  command.insert(command.end(), {"--models", models});
  const nlohmann::json own = of();
  for (const char* side : {"machine", "baseline"}) {
    const auto on_chip = [&](const nlohmann::json& all) {
      return all.at("figures").at(3).at(side).at("value").get<double>();
    };
    CHECK(on_chip(own) > on_chip(shipped));
  }
}

TEST_CASE("accuracy auto says how many queries it compares") {
  const TemporaryFolder folder;
  const std::string trace = folder / "t";
  REQUIRE(run_capcam({"trace", "synth", trace, "--heads", "2", "--queries", "32", "--keys", "64"}).status == 0);
  for (const char* engine : {"systemc", "fast"}) {
    const Ended ended =
        run_capcam({"run", "camformer", "--trace", trace, "--accuracy", "auto", "--json", "--engine", engine});
    REQUIRE(ended.status == 0);
    const nlohmann::json accuracy = nlohmann::json::parse(ended.out).at("accuracy");
    const auto measured = accuracy.at("measured_queries").get<int>();
    CHECK(measured >= 2);  // one of every head
    CHECK_THAT(ended.err, ContainsSubstring("accuracy: " + std::to_string(measured) + " of 64 head-queries"));
    if (std::string(engine) == "systemc") CHECK(measured == 64);
  }
  check_refused({"run", "camformer", "--trace", trace, "--accuracy", "most"},
                {"--accuracy: expected a share from 0 to 1 or auto, got 'most'"});
}

}  // namespace capcam::testing
