// What results.sqlite holds as text: reports of two points, and objectives, divided by lines "---". They are read for
// the table, the front and the CSV of a sweep.
// SPDX-License-Identifier: Apache-2.0
#include <sstream>

#include "input.h"
#include "studies/sweep/store/store.h"
#include "studies/sweep/table/columns.h"
#include "studies/sweep/table/export.h"
#include "studies/sweep/table/front.h"

using namespace capcam;

namespace {

struct Sweep {
  ResultStore store{fuzz::file_of("sweep"), ResultStore::Access::write};
  Sweep() {
    store.database().execute("PRAGMA synchronous = OFF");
    store.set_points({"a", "b", "c"});
  }
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Sweep sweep;
  ResultStore& store = sweep.store;
  const std::vector<std::string_view> parts = fuzz::parts_of(fuzz::text_of(data, size), 3);
  const auto put = [](const char* key, bool done, std::string_view report) {
    store.put({key, done, "fast", std::string(report), done ? "" : "it broke", "", 0.5});
  };
  put("a", true, parts[0]);
  put("b", parts[1].size() % 2 == 0, parts[1]);
  store.set_text("objectives", parts[2].empty() ? R"(["cycles.total:min"])" : parts[2]);
  fuzz::accepts([&] {
    const SweepColumns columns = columns_of(store);
    fuzz::require(columns.missing == 1, "a point without a result is missing");
    const std::vector<Objective> objectives = stored_objectives(store);
    fuzz::require(front_of(store, objectives).size() == 3, "every point is on the front or not");
    std::ostringstream table;
    write_csv(store, columns, objectives, table);
  });
  return 0;
}
