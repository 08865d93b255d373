// SPDX-License-Identifier: Apache-2.0
// Wrong input of selection, compare and reproduce is refused.
#include "cli/refusal.h"
#include "support/places.h"

namespace capcam::testing {

TEST_CASE("selection, compare and reproduce refuse what they do not know, by name") {
  const Bench bench;
  check_refused({"selection", "camformer"}, {"--trace is required"});
  check_refused({"selection", "camformer", "--trace", bench.trace, "--rows", "8,x"}, {"expected an integer", "'x'"});
  check_refused({"selection", "camformer", "--trace", bench.trace, "--n", "0"}, {"expected an integer from 1"});
  check_refused({"selection", "camformer", "--trace", bench.trace, "--interleave", "0"},
                {"--interleave", "expected an integer from 1 to 1048576"});
  check_refused({"compare", "camformer"}, {"--trace is required"});
  check_refused({"compare", "camformer", "--trace", bench.trace, "--baseline", "sparse"},
                {"--baseline", "dense", "digital-binary"});
  check_refused({"compare", "camformer", "--trace", bench.trace, "--models", bench.trace}, {"--models"});
  check_refused({"compare", "camformer", "--trace", bench.trace, "--keys-as", "int4"}, {"--keys-as", "int8"});
  check_refused({"compare", "camformer", "--trace", bench.trace, "--within", "0.1", "--accuracy", "0"},
                {"--within needs accuracies"});
  check_refused(
      {"compare", "camformer", "--trace", bench.trace, "--set", "cost.library=camformer45", "--out", bench.out},
      {"camformer45 is a table of modules", "physical"});
  check_refused({"reproduce", "elsa"}, {"camformer", "had"});
}

}  // namespace capcam::testing
