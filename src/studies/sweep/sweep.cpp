// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <new>
#include <thread>
#include <unordered_set>
#include <utility>

#include "capcam/error.h"
#include "config/writer.h"
#include "report/make_report.h"
#include "studies/sweep/file/plan.h"
#include "studies/sweep/points/first_look.h"
#include "studies/sweep/points/point_run.h"
#include "studies/sweep/points/runner.h"
#include "studies/sweep/points/systemc_run.h"
#include "studies/sweep/store/store.h"
#include "studies/sweep/store/stored_report.h"
#include "studies/sweep/table/front.h"
#include "trace/safetensors.h"

namespace capcam {
namespace {

using Json = nlohmann::ordered_json;

// Makes valid UTF-8, because paths and names may hold any bytes.
std::string text_of(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string engine_of(const SweepFile& file) { return file.systemc ? "systemc" : "fast"; }

// Returns what is known about a point that failed.
Json beginning_of_report(const SweepPoint& point, const PreparedTrace& trace, const std::string& engine) {
  return {{"config", config_to_json(point.config)},
          {"trace", {{"path", trace.info().path}, {"sha256", trace.info().sha256.value_or("")}}},
          {"engine", engine},
          {"seed", point.config.seed},
          {"version", report_version()}};
}

// Points that share no earlier point's results come first, so that no thread waits for another while there is work.
std::vector<std::size_t> in_order_of_work(const SweepPlan& plan, const std::vector<std::size_t>& missing) {
  std::vector<std::size_t> order, followers;
  std::unordered_set<std::string> groups;
  for (const std::size_t i : missing) {
    (groups.insert(results_group(plan.points[i])).second ? order : followers).push_back(i);
  }
  order.insert(order.end(), followers.begin(), followers.end());
  return order;
}

class Sweep {
 public:
  Sweep(const SweepRequest& request, const SweepFile& file, const SweepTraces& traces, const SweepPlan& plan,
        ResultStore& store, SweepListener& listener)
      : request_(request),
        file_(file),
        traces_(traces),
        plan_(plan),
        store_(store),
        listener_(listener),
        jobs_(request.jobs > 0 ? request.jobs : std::max(1u, std::thread::hardware_concurrency())),
        systemc_{request.program, file.accuracy_share, [&listener] { return listener.stop_requested(); }} {}

  SweepCounts run() {
    counts_.points = plan_.points.size();
    counts_.excluded = plan_.excluded;
    counts_.repeated = plan_.repeated;
    const std::unordered_map<std::string, bool> before = store_.results();
    std::vector<std::size_t> missing;
    for (std::size_t i = 0; i < plan_.points.size(); ++i) {
      if (request_.shard && !request_.shard->has(plan_.points[i].key)) continue;
      mine_.push_back(i);
      const auto found = before.find(plan_.points[i].key);
      if (found == before.end() || !found->second) {
        missing.push_back(i);  // a point that failed is tried again
      } else {
        ++counts_.before;
      }
    }
    counts_.mine = mine_.size();
    listener_.planned(counts_);
    simulate(missing);
    if (request_.verify_share > 0.0) verify();
    return counts_;
  }

 private:
  void simulate(const std::vector<std::size_t>& missing) {
    PointRunner fast(traces_, file_.accuracy_share, systemc_.stop_requested);
    const auto point = [&](std::size_t i) {
      const SweepPoint& one = plan_.points[i];
      return file_.systemc ? systemc_.run(one, *traces_[one.trace]) : report_to_json(fast.run(one));
    };
    run_over_threads(
        in_order_of_work(plan_, missing), jobs_, [&](std::size_t i) { keep(i, point); },
        [&] {
          const std::lock_guard lock(mutex_);
          listener_.progress("points", counts_.done + counts_.failed, missing.size(), counts_.failed);
        });
  }

  void keep(std::size_t i, const auto& point) {
    const auto begin = std::chrono::steady_clock::now();
    StoredResult result;
    result.key = plan_.points[i].key;
    result.engine = engine_of(file_);
    try {
      result.report = text_of(point(i));
    } catch (const Interrupted&) {
      throw;
    } catch (const std::bad_alloc&) {
      result.error = "out of memory";
    } catch (const std::exception& error) {
      result.error = error.what();
    }
    result.done = result.error.empty();
    if (!result.done)
      result.report = text_of(beginning_of_report(plan_.points[i], *traces_[plan_.points[i].trace], result.engine));
    check_trace(plan_.points[i].trace);  // or results of neither file would be kept for good
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();

    const std::lock_guard lock(mutex_);
    store_.put(result);
    ++(result.done ? counts_.done : counts_.failed);
    if (!result.done && counts_.first_error.empty()) counts_.first_error = result.error;
  }

  void check_trace(std::uint32_t trace) const {
    if (const auto& file = traces_[trace]->trace().file) file->check_unchanged();
  }

  // Picks a share of the points that are done, the same in every run and at least one.
  std::vector<std::size_t> to_verify() {
    const std::unordered_map<std::string, bool> results = store_.results();
    std::vector<std::size_t> done;
    for (const std::size_t i : mine_) {
      const auto found = results.find(plan_.points[i].key);
      if (found != results.end() && found->second) done.push_back(i);
    }
    const auto fraction = [&](std::size_t i) { return key_fraction(plan_.points[i].key); };
    const auto least = std::min_element(done.begin(), done.end(),
                                        [&](std::size_t a, std::size_t b) { return fraction(a) < fraction(b); });
    std::vector<std::size_t> picked;
    for (const std::size_t i : done) {
      if (fraction(i) < request_.verify_share || i == *least) picked.push_back(i);
    }
    return picked;
  }

  void verify() {
    const std::unordered_map<std::string, std::string> verdicts = store_.verdicts();
    std::vector<std::size_t> order;
    for (const std::size_t i : to_verify()) {
      const auto found = verdicts.find(plan_.points[i].key);
      if (found == verdicts.end()) {
        order.push_back(i);
      } else {
        count(found->second);
      }
    }
    std::uint64_t ended = 0;
    const auto compare = [&](std::size_t i) {
      const SweepPoint& point = plan_.points[i];
      const Json systemc = systemc_.run(point, *traces_[point.trace]);
      check_trace(point.trace);
      const std::lock_guard lock(mutex_);
      const std::string differs =
          difference(stored_report(store_, *store_.result(point.key)), Json::parse(text_of(systemc)));
      const std::string verdict = differs.empty() ? "same" : differs;
      store_.set_verdict(point.key, verdict);
      count(verdict);
      ++ended;
    };
    run_over_threads(order, jobs_, compare, [&] {
      const std::lock_guard lock(mutex_);
      listener_.progress("verified points", ended, order.size(), counts_.differing);
    });
  }

  void count(const std::string& verdict) {
    ++counts_.verified;
    if (verdict == "same") return;
    ++counts_.differing;
    if (counts_.first_difference.empty()) counts_.first_difference = verdict;
  }

  const SweepRequest& request_;
  const SweepFile& file_;
  const SweepTraces& traces_;
  const SweepPlan& plan_;
  ResultStore& store_;
  SweepListener& listener_;
  unsigned jobs_;
  SystemCRuns systemc_;
  std::vector<std::size_t> mine_;  // points of this shard

  std::mutex mutex_;  // guards the store and the members below
  SweepCounts counts_;
};

void remember(const SweepFile& file, const SweepRequest& request, const SweepPlan& plan, ResultStore& store) {
  const std::string shard = request.shard.value_or(Shard{}).text();
  const std::string before = store.text("shard").value_or(shard);
  if (request.shard_is_fixed && before != shard)
    throw InputError(fmt::format("{} holds shard {}, this task is {}: submit the array as before, or say --shard {}",
                                 request.out.string(), before, shard, before));
  std::vector<std::string> keys, objectives;
  for (const SweepPoint& point : plan.points) keys.push_back(point.key);
  for (const Objective& objective : file.objectives) objectives.push_back(objective.text());
  store.set_text("sweep", text_of(Json(file.text)));
  store.set_text("objectives", Json(objectives).dump());
  store.set_text("shard", shard);
  store.set_points(keys);
}

}  // namespace

SweepCounts run_sweep(const SweepRequest& request, SweepListener& listener) {
  SweepFile file = read_sweep_file(request.file);
  if (!request.objectives.empty()) file.objectives = request.objectives;
  if (!request.engine.empty()) file.systemc = request.engine == "systemc";
  const SweepTraces traces = open_traces(file);
  const SweepPlan plan = make_plan(file, traces);

  // A folder with results was looked at when it was begun.
  if (!request.force && !std::filesystem::exists(request.out / "results.sqlite"))
    refuse_unmoved_objectives(plan, traces, file.objectives, [&listener] { return listener.stop_requested(); });

  ResultStore store(request.out, ResultStore::Access::write);
  remember(file, request, plan, store);
  try {
    SweepCounts counts = Sweep(request, file, traces, plan, store, listener).run();
    mark_front(store);
    return counts;
  } catch (const Interrupted&) {
    throw Interrupted("what was finished is kept; the same command goes on from there");
  }
}

}  // namespace capcam
