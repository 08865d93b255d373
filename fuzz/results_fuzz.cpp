// The file results.sqlite of a sweep: it is read as `export` reads it, and merged into a new one.
// SPDX-License-Identifier: Apache-2.0
#include <sstream>

#include "input.h"
#include "studies/sweep/store/merge.h"
#include "studies/sweep/store/store.h"
#include "studies/sweep/table/columns.h"
#include "studies/sweep/table/export.h"
#include "studies/sweep/table/front.h"

using namespace capcam;

namespace {

void remove_folder(const std::filesystem::path& folder) {
  std::error_code nothing_there;
  std::filesystem::remove_all(folder, nothing_there);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::filesystem::path folder = fuzz::file_of("shard"), merged = fuzz::file_of("merged");
  remove_folder(folder);
  std::filesystem::create_directories(folder);
  fuzz::written("shard/results.sqlite", fuzz::text_of(data, size));
  const bool readable = fuzz::accepts([&] {
    ResultStore store(folder, ResultStore::Access::read);
    store.check_sound();
    const SweepColumns columns = columns_of(store);
    std::ostringstream table;
    write_csv(store, columns, stored_objectives(store), table);
  });
  if (!readable) return 0;
  remove_folder(merged);
  fuzz::accepts([&] { merge_sweeps(merged, {folder}); });
  return 0;
}
