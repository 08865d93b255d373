// SPDX-License-Identifier: Apache-2.0
// The page of the published figures is reproduced, and a figure must meet its rules to be on it.
#include <fstream>
#include <map>
#include <regex>

#include "support/catch.h"
#include "support/program.h"

namespace capcam::testing {
namespace {

// The lines of a CSV that has no line break in a cell; a cell is all up to a comma outside quotes.
std::vector<std::vector<std::string>> read_csv(const std::string& text) {
  std::vector<std::vector<std::string>> rows(1, {""});
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      rows.back().emplace_back();
    } else if (c == '\n') {
      rows.push_back({""});
    } else {
      rows.back().back() += c;
    }
  }
  rows.pop_back();
  return rows;
}

}  // namespace

TEST_CASE("docs/reproduction.md is what the program says today") {
  const TemporaryFolder folder;
  const Ended run = run_capcam({"reproduce", "--out", folder / "out"});
  INFO(run.err);
  REQUIRE(run.status == 0);
  // capcam reproduce --markdown docs/reproduction.md
  const bool page_is_current =
      read_bytes(folder / "out/reproduction.md") == read_bytes(source_dir() / "docs/reproduction.md");
  CHECK(page_is_current);

  // Every CAMformer figure is reproduced to its digits, with or without a habit, but for these.
  const std::vector<std::vector<std::string>> rows = read_csv(read_bytes(folder / "out/reproduction.csv"));
  const auto column = [&](const std::string& name) {
    return static_cast<std::size_t>(std::find(rows[0].begin(), rows[0].end(), name) - rows[0].begin());
  };
  std::vector<std::string> others;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    REQUIRE(rows[i].size() == rows[0].size());
    const std::string& verdict = rows[i][column("verdict")];
    if (rows[i][column("what")] == "camformer" && verdict != "same" && verdict != "same with the habit")
      others.push_back(rows[i][column("figure")]);
    if (verdict == "differs" || verdict == "not reproduced") CHECK(!rows[i][column("why")].empty());
  }
  // What a figure is made of is said of each, and what is simulated is not most of them.
  std::map<std::string, int> by_basis;
  std::map<std::string, double> honest;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    if (rows[i][column("what")] != "camformer") continue;
    ++by_basis[rows[i][column("basis")]];
    const std::string& figure = rows[i][column("honest")];
    if (!figure.empty()) honest[rows[i][column("table")] + "." + rows[i][column("figure")]] = std::stod(figure);
  }
  CHECK(by_basis.size() == 3);
  CHECK(by_basis["simulated"] > 0);
  CHECK(by_basis["priced"] > 0);
  CHECK(by_basis["arithmetic"] > 0);
  // The honest column is of one machine: 16 heads one after another at its interval, at its energy and power.
  const double interval = honest.at("cycles.interval"), total_nj = honest.at("energy.total");
  CHECK(honest.at("efficiency.queries_per_ms") == Approx(1e6 / (16 * interval)));
  CHECK(honest.at("cycles.attention_per_s") == Approx(1e9 / interval));
  CHECK(honest.at("efficiency.queries_per_mj") == Approx(1e6 / (16 * total_nj)));
  CHECK(honest.at("efficiency.power_w") == Approx(total_nj / interval));
  CHECK(honest.at("area.total_mm2") == Approx(honest.at("efficiency.gops") / honest.at("efficiency.gops_per_mm2")));
  CHECK(others == std::vector<std::string>{"headline", "pvt_percent", "pvt_lsb", "time_domain_percent",
                                           "time_domain_ratio", "glue_loss"});
}

TEST_CASE("a figure that is no longer reproduced is refused until it says why") {
  const TemporaryFolder folder;
  const auto data = folder.path() / "data";
  std::filesystem::create_directories(data / "models");
  std::filesystem::copy(source_dir() / "models/published", data / "models/published");
  std::string text = read_bytes(data / "models/published/camformer.toml");
  const std::string was = "published = 327\n";
  REQUIRE(text.find(was) != std::string::npos);
  write_bytes(data / "models/published/camformer.toml", text.replace(text.find(was), was.size(), "published = 328\n"));
  const Ended run =
      Program({"/usr/bin/env", "CAPCAM_DATA=" + data.string(), capcam_binary(), "reproduce", "camformer"}).wait();
  CHECK(run.status == 2);
  CHECK(run.out.empty());
  CHECK(run.err.find("cycles.figures.association: published 328, here 327: say why") != std::string::npos);
}

TEST_CASE("a published figure that is misspelt, or has no source, is refused with all its problems") {
  const TemporaryFolder folder;
  const auto data = folder.path() / "data";
  std::filesystem::create_directories(data / "models");
  std::filesystem::copy(source_dir() / "models/published", data / "models/published");
  std::string text = read_bytes(data / "models/published/camformer.toml");
  text = std::regex_replace(text, std::regex("\\[cycles\\.figures\\.lone\\]"), "[cycles.figures.alone]");
  text = std::regex_replace(text, std::regex("published = 134\n"), "published = \"134\"\n");
  write_bytes(data / "models/published/camformer.toml", text);
  const Ended run =
      Program({"/usr/bin/env", "CAPCAM_DATA=" + data.string(), capcam_binary(), "reproduce", "camformer"}).wait();
  CHECK(run.status == 2);
  CHECK(run.err.find("alone") != std::string::npos);
  CHECK(run.err.find("cycles.figures.lone.published") != std::string::npos);
  CHECK(run.err.find("cycles.figures.normalization.published") != std::string::npos);
}

}  // namespace capcam::testing
