# Compiler flags, on INTERFACE targets only: nothing of them reaches a consumer of the library.
# SPDX-License-Identifier: Apache-2.0
set(CMAKE_CXX_EXTENSIONS OFF)
if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

option(CAPCAM_WERROR "Treat warnings as errors" OFF)
set(CAPCAM_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them: address,undefined or thread")
option(CAPCAM_HARDEN "Stack protector, fortified libc calls, read-only relocations: for packages" OFF)

add_library(capcam_options INTERFACE)
target_compile_features(capcam_options INTERFACE cxx_std_20)
# Results must not depend on the compiler's taste: no fused multiply-add but the ones written.
target_compile_options(capcam_options INTERFACE -ffp-contract=off)
target_compile_options(capcam_options INTERFACE -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion
                                                $<$<BOOL:${CAPCAM_WERROR}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(capcam_options INTERFACE -Wno-restrict)  # false alarms in std::string, gcc bug 105651
endif()
if(CAPCAM_SANITIZE)
  target_compile_options(capcam_options INTERFACE -fsanitize=${CAPCAM_SANITIZE} -fno-sanitize-recover=all
                                                  -fno-omit-frame-pointer)
  target_link_options(capcam_options INTERFACE -fsanitize=${CAPCAM_SANITIZE})
  target_compile_definitions(capcam_options INTERFACE _GLIBCXX_ASSERTIONS)
endif()
if(CAPCAM_HARDEN)
  target_compile_options(capcam_options INTERFACE -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fPIE)
  target_link_options(capcam_options INTERFACE -pie -Wl,-z,relro -Wl,-z,now)
  target_compile_definitions(capcam_options INTERFACE _GLIBCXX_ASSERTIONS)
endif()
