// SPDX-License-Identifier: Apache-2.0
// Which keys leave which figures alone.
#include <catch2/catch.hpp>

#include "studies/sweep/table/responses.h"

namespace capcam::testing {

TEST_CASE("a figure responds to a key if two points that differ in the key alone differ in it") {
  Responses responses({"rows", "bits"}, {"energy", "area"});
  responses.add({"8", "4"}, {1.0, 5.0});
  responses.add({"8", "6"}, {1.0, 6.0});
  responses.add({"16", "4"}, {2.0, 5.0});
  responses.add({"16", "6"}, {2.0, 6.0});
  const std::vector<Unmoved> unmoved = responses.unmoved();
  REQUIRE(unmoved.size() == 2);
  CHECK(unmoved[0].figure == "energy");
  CHECK(unmoved[0].keys == std::vector<std::string>{"bits"});
  CHECK(!unmoved[0].by_all);
  CHECK(sentence_of(unmoved[0]) == "energy is the same whatever bits is");
  CHECK(unmoved[1].keys == std::vector<std::string>{"rows"});
}

TEST_CASE("a figure that no key moves is told from one that some key moves") {
  Responses responses({"rows", "bits"}, {"energy"});
  responses.add({"8", "4"}, {1.0});
  responses.add({"8", "6"}, {1.0});
  responses.add({"16", "4"}, {1.0});
  REQUIRE(responses.unmoved().size() == 1);
  CHECK(responses.unmoved()[0].by_all);
  CHECK(sentence_of(responses.unmoved()[0]) == "energy is the same whatever rows, bits are");
}

TEST_CASE("keys that vary together are judged together") {
  Responses responses({"bits", "cycles", "rows"}, {"energy"});
  responses.add({"4", "1", "8"}, {1.0});
  responses.add({"6", "2", "8"}, {1.0});
  responses.add({"8", "2", "8"}, {1.0});
  responses.add({"4", "1", "16"}, {3.0});
  REQUIRE(responses.unmoved().size() == 1);
  CHECK(responses.unmoved()[0].keys == std::vector<std::string>{"bits", "cycles"});
}

TEST_CASE("without two points that differ in a key alone nothing is said of it, nor of a figure that a point lacks") {
  Responses apart({"rows", "bits"}, {"energy"});
  apart.add({"8", "4"}, {1.0});
  apart.add({"16", "6"}, {1.0});
  apart.add({"8", "6"}, {2.0});
  CHECK(apart.unmoved().empty());
  Responses lacking({"rows"}, {"energy"});
  lacking.add({"8"}, {1.0});
  lacking.add({"16"}, {std::nullopt});
  CHECK(lacking.unmoved().empty());
}

}  // namespace capcam::testing
