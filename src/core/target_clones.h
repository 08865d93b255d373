// Compiles loops that the compiler vectorises once per instruction set; the loader picks one. It is for loops whose
// result does not depend on the width of vectors (no reductions); the others are written with Highway in kernels/simd.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define CAPCAM_POPCOUNT_CLONES __attribute__((target_clones("popcnt", "default")))
#define CAPCAM_VECTOR_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define CAPCAM_POPCOUNT_CLONES
#define CAPCAM_VECTOR_CLONES
#endif
