# Builds an example in a project that adds capcam's folder.
#   cmake -DSOURCE=... -DSCRATCH=... -DCOMPILER=... [-DLAUNCHER=...] -P subdirectory_test.cmake
# SPDX-License-Identifier: Apache-2.0
include(${CMAKE_CURRENT_LIST_DIR}/steps.cmake)
file(REMOVE_RECURSE ${SCRATCH})
step(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/subdirectory -B ${SCRATCH} -DCAPCAM=${SOURCE} ${toolchain})
step(${CMAKE_COMMAND} --build ${SCRATCH} --parallel 2 --target run_trace)
step(${SCRATCH}/run_trace camformer ${SOURCE}/traces/minilm_origin.safetensors)
expect("head-queries" "${output}")
