// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/store/store.h"

#include <fmt/format.h>

#include "studies/sweep/store/schema.h"
#include "support/catch.h"
#include "support/raw_safetensors.h"

using namespace capcam;
using namespace capcam::testing;

namespace {

StoredResult result(const std::string& key) {
  return {key, true, "fast", R"({"trace":{"path":"t"},"cycles":{"total":7}})", "", "", 0.5};
}

}  // namespace

TEST_CASE("what is put into a store is there when it is opened again") {
  const TemporaryFolder folder;
  {
    ResultStore store(folder / "out", ResultStore::Access::write);
    store.set_points({"b", "a", "c"});
    store.put(result("a"));
    store.put({"c", false, "fast", "{}", "it broke", "", 0.0});
    store.set_verdict("a", "same");
    store.set_front({false, true, false});
    store.set_text("objectives", "[]");
  }
  ResultStore store(folder / "out", ResultStore::Access::read);
  CHECK(store.points() == std::vector<std::string>{"b", "a", "c"});
  CHECK(store.text("objectives") == "[]");
  CHECK(store.text("nothing") == std::nullopt);
  CHECK(store.results() == std::unordered_map<std::string, bool>{{"a", true}, {"c", false}});
  CHECK(store.result("a")->report == result("a").report);
  CHECK(store.result("a")->verified == "same");
  CHECK(store.result("c")->error == "it broke");
  CHECK(store.result("b") == std::nullopt);
}

TEST_CASE("the views say what the tables hold") {
  const TemporaryFolder folder;
  ResultStore store(folder / "out", ResultStore::Access::write);
  store.set_points({"b", "a"});
  store.put(result("a"));
  Statement summary(store.database(), "SELECT key, status, cycles_total FROM summary");
  REQUIRE(summary.step());
  CHECK(summary.text(1) == "missing");
  REQUIRE(summary.step());
  CHECK(summary.text(0) == "a");
  CHECK(summary.integer(2) == 7);
  CHECK(store.database().integer("SELECT value FROM figures WHERE key = 'a' AND figure = 'cycles.total'") == 7);
}

TEST_CASE("a file of an older schema is brought up to date and keeps its results") {
  const TemporaryFolder folder;
  for (int version = 1; version < schema_version; ++version) {
    const std::filesystem::path out = folder / fmt::format("v{}", version);
    std::filesystem::create_directories(out);
    {
      Database old(out / "results.sqlite", Database::Access::write);
      for (int step = 1; step <= version; ++step) old.execute(schema_step(step));
      old.execute(
          fmt::format("PRAGMA application_id = 1667330147; PRAGMA user_version = {};"
                      "INSERT INTO results VALUES ('a', 'done', 'fast', '{{}}', NULL, NULL, 1.0, 'then');"
                      "INSERT INTO points VALUES (1, 'a', NULL)",
                      version));
    }
    ResultStore store(out, ResultStore::Access::write);
    CHECK(store.database().integer("PRAGMA user_version") == schema_version);
    CHECK(store.result("a")->done);
    CHECK(store.database().integer("SELECT count(*) FROM summary") == 1);
  }
}

TEST_CASE("a file of a newer capcam or of another program is refused and stays as it is") {
  const TemporaryFolder folder;
  const auto refusal = [&](const std::string& name, const std::string& sql) {
    std::filesystem::create_directories(folder / name);
    Database(folder / (name + "/results.sqlite"), Database::Access::write).execute(sql);
    return problems_of([&] { ResultStore(folder / name, ResultStore::Access::write); });
  };
  CHECK_THAT(refusal("newer", "PRAGMA application_id = 1667330147; PRAGMA user_version = 99; CREATE TABLE x (y)"),
             ContainsSubstring("written by a newer capcam (schema 99"));
  CHECK_THAT(refusal("other", "CREATE TABLE x (y)"), ContainsSubstring("a database of another program"));
  CHECK_THAT(refusal("tagged", "PRAGMA user_version = 1; CREATE TABLE x (y)"),
             ContainsSubstring("no results of a sweep"));
  std::filesystem::create_directories(folder / "text");
  write_bytes(folder / "text/results.sqlite", std::string(5000, 'x'));
  CHECK_THAT(problems_of([&] { ResultStore(folder / "text", ResultStore::Access::write); }),
             ContainsSubstring("damaged, or no results of a sweep"));
}

TEST_CASE("a second writer is turned away by name, a reader is not") {
  const TemporaryFolder folder;
  ResultStore store(folder / "out", ResultStore::Access::write);
  store.set_points({"a"});
  store.put(result("a"));
  CHECK_THAT(
      problems_of([&] { ResultStore(folder / "out", ResultStore::Access::write); }),
      ContainsSubstring("another sweep is at work") && ContainsSubstring("process " + std::to_string(::getpid())));
  CHECK(ResultStore(folder / "out", ResultStore::Access::read).results().size() == 1);
}

TEST_CASE("a transaction that is not committed leaves nothing") {
  const TemporaryFolder folder;
  ResultStore store(folder / "out", ResultStore::Access::write);
  {
    Transaction transaction(store.database());
    store.put(result("a"));
  }
  CHECK(store.results().empty());
}

TEST_CASE("a disk that is full is named, and what was there before stays") {
  const TemporaryFolder folder;
  ResultStore store(folder / "out", ResultStore::Access::write);
  store.put(result("a"));
  // SQLite's own limit stands for the disk.
  store.database().integer("PRAGMA max_page_count = 1");
  const std::string text = problems_of([&] {
    for (int i = 0; i < 1000; ++i) store.put(result(fmt::format("b{}", i)));
  });
  CHECK_THAT(text, ContainsSubstring("the disk is full") && ContainsSubstring("run the same command again"));
  CHECK(store.result("a")->done);
}
