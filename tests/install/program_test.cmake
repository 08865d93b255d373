# Installs the program component alone; what it installs runs without the build tree.
#   cmake -DBUILD=... -DSCRATCH=... -P program_test.cmake
# SPDX-License-Identifier: Apache-2.0
include(${CMAKE_CURRENT_LIST_DIR}/steps.cmake)
file(REMOVE_RECURSE ${SCRATCH})
step(${CMAKE_COMMAND} --install ${BUILD} --prefix ${SCRATCH}/prefix --component program)
file(GLOB found RELATIVE ${SCRATCH}/prefix ${SCRATCH}/prefix/*)
if(NOT found STREQUAL "bin;share")
  message(FATAL_ERROR "the program component holds ${found}")
endif()
step(${SCRATCH}/prefix/bin/capcam check camformer)
expect("^${SCRATCH}/prefix/bin/../share/capcam/configs/camformer.toml: ok|^${SCRATCH}/prefix/share/capcam/" "${output}")
