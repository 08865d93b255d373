// capcam merge: joins the shards of a sweep.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace CLI {
class App;
}

namespace capcam {

void setup_merge(CLI::App& app);

}  // namespace capcam
