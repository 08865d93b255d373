// SPDX-License-Identifier: Apache-2.0
#include <system_error>

#include "core/atomic_file.h"
#include "core/error.h"
#include "report/report.h"

namespace capcam {

void prepare_output_folder(const std::filesystem::path& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) throw InputError("cannot make the output folder " + folder.string() + ": " + failed.message());
  if (!std::filesystem::is_directory(folder, failed)) {
    throw InputError("the output folder " + folder.string() + " is not a folder");
  }
  const std::filesystem::path probe = folder / ".capcam-probe";
  write_file_atomically(probe, "");
  std::filesystem::remove(probe, failed);
}

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
