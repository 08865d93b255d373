# Steps of a test that is a CMake script: a command that must succeed, one that must be refused, a text that must match.
# SPDX-License-Identifier: Apache-2.0
set(toolchain -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER=${COMPILER}
              -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER} -DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF)

macro(step)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${ARGN}: ${status}\n${output}")
  endif()
endmacro()

macro(refused)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 2)
    message(FATAL_ERROR "${ARGN}: expected status 2, got ${status}\n${output}")
  endif()
endmacro()

function(expect pattern text)
  if(NOT text MATCHES "${pattern}")
    message(FATAL_ERROR "expected ${pattern}, got\n${text}")
  endif()
endfunction()
