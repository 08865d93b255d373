// The implementation of every stage is chosen here. A machine sees a stage by its ports alone, so that another
// implementation with the same ports can take its place.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "engines/systemc/cam_array.h"
#include "engines/systemc/contextualization.h"
#include "engines/systemc/key_programming.h"
#include "engines/systemc/merge.h"
#include "engines/systemc/prefetch.h"
#include "engines/systemc/sensing.h"
#include "engines/systemc/softmax.h"
#include "engines/systemc/tile_selection.h"

namespace capcam::systemc {

template <class Stage>
using StageMaker = std::function<std::unique_ptr<Stage>(const sc_core::sc_module_name&, const Context&)>;

struct StageMakers {
  // An array has one of these.
  StageMaker<KeyProgramming> key_programming = model_key_programming;
  StageMaker<CamArray> cam_array = model_cam_array;
  StageMaker<Sensing> sensing = model_sensing;
  // A core has one of these.
  StageMaker<TileSelection> tile_selection = model_tile_selection;
  StageMaker<Merge> merge = model_merge;
  StageMaker<Prefetch> prefetch = model_prefetch;
  StageMaker<Softmax> softmax = model_softmax;
  StageMaker<Contextualization> contextualization = model_contextualization;
};

}  // namespace capcam::systemc
