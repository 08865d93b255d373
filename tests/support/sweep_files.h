// A sweep of a test: a small trace, a configuration and sweep files in a folder that goes away.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "support/raw_safetensors.h"
#include "trace/synthetic.h"

namespace capcam::testing {

struct SweepFiles {
  SweepFiles() {
    SyntheticSpec spec;
    spec.heads = 2;
    spec.kv_heads = 2;
    spec.queries = 4;
    spec.keys = 40;
    spec.head_dim = 16;
    spec.value_dim = 8;
    write_synthetic(spec, trace);
    write_bytes(folder / "base.toml", "[top_n]\nn = 8\n");
  }

  // Writes a sweep of that base and trace with the given lines.
  std::string sweep(const std::string& more, const std::string& name = "sweep.toml") const {
    const std::string path = folder / name;
    write_bytes(path, "base = 'base.toml'\ntraces = ['small.safetensors']\n" + more);
    return path;
  }

  TemporaryFolder folder;
  const std::string trace = folder / "small.safetensors";
};

}  // namespace capcam::testing
