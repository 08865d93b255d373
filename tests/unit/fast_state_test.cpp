// The states of a core that the fast engine saves and restores.
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <optional>
#include <type_traits>

#include "engines/fast/core/core.h"
#include "support/catch.h"
#include "support/random_machine.h"

using namespace capcam;
using namespace capcam::testing;

namespace capcam::testing {

template <class T>
constexpr bool is_optional = false;
template <class T>
constexpr bool is_optional<std::optional<T>> = true;

// Becomes any member of an aggregate; std::optional takes it by its own constructor.
struct AnyMember {
  template <class T>
  requires(!is_optional<T>) operator T() const;
};

}  // namespace capcam::testing

namespace {

// The number of members of an aggregate: the most values from which it can be made.
template <class T, class... Members>
constexpr std::size_t members_of() {
  if constexpr (requires { T{Members{}..., AnyMember{}}; }) {
    return members_of<T, Members..., AnyMember>();
  } else {
    return sizeof...(Members);
  }
}

// Counts the members that describe() names, whatever their role.
struct MemberCount {
  std::size_t count = 0;
  void number(auto&... members) { count += sizeof...(members); }
  void time(auto&... members) { count += sizeof...(members); }
  void exact_time(auto&... members) { count += sizeof...(members); }
  void clock(auto&... members) { count += sizeof...(members); }
  void transient(auto&... members) { count += sizeof...(members); }
  void request_time(auto&) { ++count; }
  void query(auto&) { ++count; }
  void optional_query(auto&) { ++count; }
  void group(auto&) { ++count; }
  void profile(auto&) { ++count; }
  void queries(auto&) { ++count; }
  void relative(auto&, std::uint64_t) { ++count; }
  void place(auto&, std::uint64_t) { ++count; }
  void part(auto&) { ++count; }
  void optional(auto&) { ++count; }
  void list(auto&) { ++count; }
  void window(auto&, auto...) { ++count; }
};

template <class State, class... More>
void check_described(More... more) {
  State state;
  MemberCount members;
  State::describe(members, state, more...);
  CHECK(members.count == members_of<State>());
}

}  // namespace

TEST_CASE("the states of a core describe every member") {
  check_described<fast::ArrayResult>();
  check_described<fast::ArrayState>();
  check_described<fast::Burst>();
  check_described<fast::CellState>(std::uint64_t{0});
  check_described<fast::ContextualizationState>();
  check_described<fast::DispatchState>();
  check_described<fast::Event>();
  check_described<fast::FetchState>();
  check_described<fast::GroupDuties>();
  check_described<fast::GroupState>();
  check_described<fast::KeyStreamState>();
  check_described<fast::MergeRequest>();
  check_described<fast::MergeState>();
  check_described<fast::PrefetchState>();
  check_described<fast::QueryState>();
  check_described<fast::RegisterState>();
  check_described<fast::ResultsState>();
  check_described<fast::ShownState>();
  check_described<fast::SlotState>(std::uint64_t{0});
  check_described<fast::SoftmaxState>();
  check_described<fast::ValueRowsState>();
}

TEST_CASE("a state that is restored at another time is saved as the same numbers") {
  std::uint32_t compared = 0;
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    const RandomMachine random = random_machine(seed);
    const Workload workload(random.trace, random.config);
    const Mapping mapping = map_onto(random.trace.shape, random.config);
    const fast::TimingRules rules(random.trace.shape, random.config, mapping, workload.valid_keys(workload.id(0)));
    if (rules.conversions.depend_on_codes() || !rules.keys_fit)
      continue;  // those states are never saved, or only with unlimited bandwidth
    fast::ProfileTable profiles(rules);
    fast::Schedule schedule(workload, rules, profiles, 0);
    fast::DramChannel dram(rules.dram), other_dram(rules.dram);
    fast::Core core(rules, schedule, dram, nullptr), other(rules, schedule, other_dram, nullptr);
    core.start();
    try {
      while (!core.finished()) {
        core.process();
        if (!core.group_waits()) continue;
        core.settle_accounts();
        const fast::SavedState saved = core.save();
        other.restore(saved, core.now() + 1000, core.last_group());
        CHECK(other.save().numbers == saved.numbers);
        ++compared;
        core.begin_group();
      }
    } catch (const fast::NeedsData&) {
    }
  }
  CHECK(compared > 200);
}
