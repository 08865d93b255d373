// SPDX-License-Identifier: Apache-2.0
#include <system_error>

#include "capcam/report.h"
#include "core/atomic_file.h"

namespace capcam {

void write_report(const std::filesystem::path& folder, const Report& report) {
  write_file_atomically(folder / "heads.csv", heads_csv(report));
  if (report.accuracy.measured_queries > 0) {
    write_file_atomically(folder / "scores.csv", scores_csv(report));
  } else {
    std::error_code none;
    std::filesystem::remove(folder / "scores.csv", none);  // an earlier run's
  }
  write_file_atomically(folder / "report.json", report_json_text(report));
}

}  // namespace capcam
