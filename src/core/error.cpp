// SPDX-License-Identifier: Apache-2.0
#include "capcam/error.h"

namespace capcam {
namespace {

std::string joined(const std::string& what, const std::vector<std::string>& problems) {
  std::string text = what;
  for (const std::string& problem : problems) text += "\n  " + problem;
  return text;
}

}  // namespace

InputError::InputError(const std::string& what, std::vector<std::string> problems)
    : std::runtime_error(joined(what, problems)), problems_(std::move(problems)) {}

}  // namespace capcam
