// SPDX-License-Identifier: Apache-2.0
#include "report/files.h"

namespace capcam {

void add_report(OutputSet& files, const Report& report) {
  files.add("heads.csv", heads_csv(report));
  if (report.accuracy.measured_queries > 0) {
    files.add("scores.csv", scores_csv(report));
  } else {
    files.remove("scores.csv");
  }
  files.add("report.json", report_json_text(report));
}

void write_report(const std::filesystem::path& folder, const Report& report) {
  OutputSet files(folder);
  add_report(files, report);
  files.publish();
}

}  // namespace capcam
