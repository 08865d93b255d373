// Predicted against published, as text, Markdown (docs/silicon.md) and CSV.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "studies/reproduce/silicon/fit.h"
#include "studies/reproduce/silicon/macros.h"
#include "studies/reproduce/silicon/predict.h"

namespace capcam::silicon {

// One published figure beside ours.
struct Compared {
  const Macro* macro = nullptr;
  std::string component;  // "converter_pj"
  double published = 0.0;
  Figure predicted;
  double ratio() const { return predicted.value / published; }
};

struct Study {
  std::string file;
  std::vector<Macro> macros;
  std::vector<Prediction> predictions;  // [macros]
  std::vector<Fitted> factors;          // empty unless the macros are those the cards were fitted to
};

Study study(const std::string& file, std::vector<Macro> macros, const UnitCards& units, bool shipped);
std::vector<Compared> compared(const Study& study);

std::string silicon_text(const Study& study);
std::string silicon_markdown(const Study& study);
std::string silicon_csv(const Study& study);

}  // namespace capcam::silicon
