// SPDX-License-Identifier: Apache-2.0
#include "kernels/bits.h"

#include <algorithm>
#include <bit>

#include "capcam/error.h"
#include "core/target_clones.h"
#include "kernels/simd/pack_signs.h"

namespace capcam {

BitRows::BitRows(Segmentation segmentation, std::uint32_t rows)
    : segmentation_(segmentation),
      rows_(rows),
      words_(std::size_t{rows} * segmentation.segments() * segmentation.words_per_segment()) {}

void BitRows::pack(std::uint32_t row, std::span<const float> values) {
  if (row >= rows_ || values.size() != segmentation_.head_dim) {
    throw LawBroken("BitRows::pack: a row outside the matrix or of another width than the head");
  }
  const std::size_t per_segment = segmentation_.words_per_segment();
  std::uint64_t* words = words_.data() + std::size_t{row} * segmentation_.segments() * per_segment;
  const float* value = values.data();
  for (std::uint32_t segment = 0; segment < segmentation_.segments(); ++segment, words += per_segment) {
    const std::uint32_t used = segmentation_.used_columns(segment);
    for (std::uint32_t first = 0; first < used; first += 64) {
      const std::uint32_t bits = std::min(used - first, 64u);
      words[first / 64] = simd::pack_signs({value, bits});
      value += bits;
    }
  }
}

void BitRows::copy_rows(const TileKeys& rows, std::uint32_t segment, std::vector<std::uint64_t>& out) const {
  const std::size_t per_segment = segmentation_.words_per_segment();
  const std::size_t per_row = per_segment * segmentation_.segments();
  const std::uint64_t* row = words_.data() + rows.first * per_row + segment * per_segment;
  out.resize(rows.count * per_segment);
  if (per_segment == per_row && rows.step == 1) {
    std::copy_n(row, out.size(), out.data());
    return;
  }
  for (std::uint32_t i = 0; i < rows.count; ++i, row += rows.step * per_row)
    std::copy_n(row, per_segment, out.data() + i * per_segment);
}

CAPCAM_POPCOUNT_CLONES
void count_matches(const BitRows& query, std::uint32_t query_row, const BitRows& keys, const TileKeys& of,
                   std::uint32_t segment, std::uint32_t* matches) {
  // Padding is zero on both sides, so it never differs. Therefore matches = used columns - differences, which is the
  // population count of the XNOR without the unused columns.
  const Segmentation& segmentation = keys.segmentation();
  const std::uint32_t used = segmentation.used_columns(segment);
  const std::uint64_t* const wanted = query.words(query_row, segment).data();
  const std::size_t per_segment = segmentation.words_per_segment();
  const std::uint32_t count = of.count;
  const std::size_t per_key = per_segment * segmentation.segments() * of.step;  // from key to key
  const std::uint64_t* key = count == 0 ? nullptr : keys.words(of.first, segment).data();
  if (per_segment == 1) {
    const std::uint64_t word = *wanted;
    for (std::uint32_t i = 0; i < count; ++i) {
      matches[i] = used - static_cast<std::uint32_t>(std::popcount(word ^ key[i * per_key]));
    }
    return;
  }
  for (std::uint32_t i = 0; i < count; ++i, key += per_key) {
    int differences = 0;
    for (std::size_t word = 0; word < per_segment; ++word) differences += std::popcount(wanted[word] ^ key[word]);
    matches[i] = used - static_cast<std::uint32_t>(differences);
  }
}

CAPCAM_POPCOUNT_CLONES
void count_row_matches(std::span<const std::uint64_t> query, std::span<const std::uint64_t> rows,
                       std::uint32_t used_columns, std::span<std::uint32_t> matches) {
  const std::uint64_t* row = rows.data();
  if (query.size() == 1) {
    const std::uint64_t wanted = query[0];
    for (std::size_t i = 0; i < matches.size(); ++i)
      matches[i] = used_columns - static_cast<std::uint32_t>(std::popcount(wanted ^ row[i]));
    return;
  }
  for (std::uint32_t& count : matches) {
    int differences = 0;
    for (const std::uint64_t word : query) differences += std::popcount(word ^ *row++);
    count = used_columns - static_cast<std::uint32_t>(differences);
  }
}

}  // namespace capcam
