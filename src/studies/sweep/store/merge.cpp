// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/store/merge.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <system_error>

#include "capcam/error.h"
#include "studies/sweep/points/systemc_run.h"
#include "studies/sweep/store/store.h"
#include "studies/sweep/store/stored_report.h"
#include "studies/sweep/table/front.h"

namespace capcam {
namespace {

using Json = nlohmann::ordered_json;

// Removes what may differ between computers: where the trace lies.
Json comparable(const ResultStore& store, const StoredResult& result) {
  Json json = stored_report(store, result);
  json["trace"].erase("path");
  return json;
}

class Merger {
 public:
  explicit Merger(ResultStore& out) : out_(out) {}

  void add(const std::filesystem::path& folder) {
    ResultStore store(folder, ResultStore::Access::read);
    store.check_sound();
    const std::vector<std::string> points = store.points();
    if (points_.empty()) {
      points_ = out_.points();
      if (points_.empty()) begin_like(store, points);
    }
    if (points != points_) {
      problems_.push_back(fmt::format("{}: of another sweep than {}: other points, cards, traces or version",
                                      folder.string(), first_.empty() ? out_.folder().string() : first_.string()));
      return;
    }
    store.for_each([&](const StoredPoint& point) {
      if (point.result) take(store, *point.result);
    });
    store.check_still();
  }

  void finish() {
    if (!problems_.empty()) throw InputError("nothing was merged", problems_);
  }

  std::uint64_t added() const { return added_; }

 private:
  void begin_like(ResultStore& store, const std::vector<std::string>& points) {
    first_ = store.folder();
    points_ = points;
    out_.insert_points(points);
    for (const char* name : {"sweep", "objectives"}) {
      if (const auto text = store.text(name)) out_.set_text(name, *text);
    }
    out_.set_text("shard", "1/1");
  }

  void take(const ResultStore& store, const StoredResult& theirs) {
    check_result(store, theirs);
    const std::optional<StoredResult> ours = out_.result(theirs.key);
    if (!ours || (!ours->done && theirs.done)) {
      out_.put(theirs);
      ++added_;
      return;
    }
    if (!theirs.done || !ours->done) return;
    if (const std::string differs = difference(comparable(out_, *ours), comparable(store, theirs)); !differs.empty()) {
      problems_.push_back(fmt::format("{}: another result than was there before for point {:.12}: {}",
                                      store.folder().string(), theirs.key, differs));
    } else if (ours->verified.empty() && !theirs.verified.empty()) {
      out_.set_verdict(theirs.key, theirs.verified);
    }
  }

  // A damaged result would spread.
  static void check_result(const ResultStore& store, const StoredResult& result) {
    const Json report = stored_report(store, result);
    if (!result.done || (report.contains("cycles") && report.contains("energy_pj"))) return;
    throw InputError(fmt::format("{}: damaged: the report of point {:.12}, which is done, has no figures",
                                 store.folder().string(), result.key));
  }

  ResultStore& out_;
  std::filesystem::path first_;
  std::vector<std::string> points_, problems_;
  std::uint64_t added_ = 0;
};

}  // namespace

MergeCounts merge_sweeps(const std::filesystem::path& out, const std::vector<std::filesystem::path>& folders) {
  // Checks that the folders exist before anything is made.
  for (const std::filesystem::path& folder : folders) {
    std::error_code failed;
    if (std::filesystem::equivalent(out, folder, failed))
      throw InputError(fmt::format("{} cannot be merged into itself", folder.string()));
    ResultStore(folder, ResultStore::Access::read);
  }
  ResultStore store(out, ResultStore::Access::write);
  MergeCounts counts;
  {
    Transaction transaction(store.database());
    Merger merger(store);
    for (const std::filesystem::path& folder : folders) merger.add(folder);
    merger.finish();
    transaction.commit();
    counts.added = merger.added();
  }
  mark_front(store);
  store.for_each([&](const StoredPoint& point) {
    ++counts.points;
    if (!point.result) return;
    ++(point.result->done ? counts.done : counts.failed);
  });
  return counts;
}

}  // namespace capcam
