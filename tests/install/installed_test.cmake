# Installs capcam's development component into a folder of its own, builds examples/cpp against it, and runs them.
#   cmake -DBUILD=... -DSOURCE=... -DSCRATCH=... -DCOMPILER=... [-DLAUNCHER=...] [-DSANITIZE=...] -P installed_test.cmake
# SPDX-License-Identifier: Apache-2.0
include(${CMAKE_CURRENT_LIST_DIR}/steps.cmake)
file(REMOVE_RECURSE ${SCRATCH})
set(prefix ${SCRATCH}/prefix)
step(${CMAKE_COMMAND} --install ${BUILD} --prefix ${prefix} --component development)

# Nothing of the build reaches a consumer.
file(GLOB package ${prefix}/lib*/cmake/capcam/*.cmake ${prefix}/lib*/*/cmake/capcam/*.cmake)
foreach(file IN LISTS package)
  file(READ ${file} text)
  foreach(leak "${SOURCE}" "${BUILD}" "-Wall" "-Wextra" "-Werror" "ffp-contract" "INTERFACE_COMPILE_OPTIONS")
    string(FIND "${text}" "${leak}" at)
    if(NOT at EQUAL -1)
      message(FATAL_ERROR "${file} holds ${leak}")
    endif()
  endforeach()
endforeach()
if(NOT package)
  message(FATAL_ERROR "no CMake package below ${prefix}")
endif()

set(examples ${SCRATCH}/examples)
file(COPY ${SOURCE}/examples/cpp/ DESTINATION ${SCRATCH}/sources)  # outside the tree
set(flags "-Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Werror")
if(SANITIZE)  # a library with sanitizers wants a program with them
  string(APPEND flags " -fsanitize=${SANITIZE}")
endif()
step(${CMAKE_COMMAND} -S ${SCRATCH}/sources -B ${examples} -DCMAKE_PREFIX_PATH=${prefix} ${toolchain}
     "-DCMAKE_CXX_FLAGS=${flags}")
step(${CMAKE_COMMAND} --build ${examples} --parallel 2)

set(ENV{CAPCAM_DATA} ${prefix}/share/capcam)
set(trace ${prefix}/share/capcam/traces/minilm_origin.safetensors)
step(${examples}/run_trace camformer ${trace} top_n.n=16)
expect("head-queries" "${output}")
step(${examples}/own_converter ${SCRATCH}/sources/converter/dual_slope.toml ${trace})
expect("dual_slope converters.*agree to the last bit" "${output}")
step(${examples}/own_converter physical-65nm ${trace} sensing.kind=dual_slope
     sensing.comparator_noise_mv=7.8)
expect("dual_slope converters.*agree to the last bit" "${output}")
step(${examples}/own_tile_selection ${SCRATCH}/sources/tile_selection/best_of_halves.toml ${trace})
expect("tile selection best_of_halves.*agree to the last bit" "${output}")
step(${examples}/against_baseline physical-65nm ${SCRATCH}/sources/baseline/exact_scores.toml ${trace})
expect("energy per head-query" "${output}")
# With few places for value rows the machine waits for its memory, and one that opens rows is slower.
step(${examples}/own_memory camformer ${trace} memory.value_sram_kib=2)
expect("[0-9]+ cycles with banks, [0-9]+ with" "${output}")
string(REGEX MATCH "([0-9]+) cycles with banks, ([0-9]+) with" cycles "${output}")
if(NOT CMAKE_MATCH_1 GREATER CMAKE_MATCH_2)
  message(FATAL_ERROR "a memory that opens rows is no slower: ${output}")
endif()
step(${examples}/tlm_memory camformer ${trace})
expect("cycles with the memory from outside" "${output}")

# A misspelt kind is refused, and the registered one is named.
refused(${examples}/own_converter camformer ${trace} sensing.kind=dual_slop)
expect("did you mean \"dual_slope\"" "${output}")
