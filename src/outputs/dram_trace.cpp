// SPDX-License-Identifier: Apache-2.0
#include "outputs/dram_trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace capcam {

DramTrace::DramTrace(const std::filesystem::path& path, DramFormat format, const MemoryLayout& layout,
                     std::uint32_t line_bytes)
    : format_(format), line_bytes_(line_bytes), layout_(layout), out_(path) {}

void DramTrace::take(const DramRequest& request) {
  switch (request.what) {
    case DramRequest::What::head_keys:
      return read(request.cycle, layout_.keys_of_head(request.head), request.bytes);
    case DramRequest::What::tile_keys:
      return read(request.cycle, layout_.keys_of_tile(request.head, request.tile, request.segment, request.first_row),
                  request.bytes);
    case DramRequest::What::head_values:
      return read(request.cycle, layout_.value_row(request.head, 0), request.bytes);
    case DramRequest::What::values:
      for (const std::uint32_t key : request.keys)
        read(request.cycle, layout_.value_row(request.head, key), layout_.row_bytes());
  }
}

void DramTrace::read(std::uint64_t cycle, std::uint64_t address, std::uint64_t bytes) {
  std::string lines;
  while (bytes > 0) {
    const std::uint64_t of_line = std::min(bytes, line_bytes_ - address % line_bytes_);
    if (format_ == DramFormat::dramsys) {
      fmt::format_to(std::back_inserter(lines), "{}: ({}) read 0x{:x}\n", cycle, of_line, address);
    } else {
      fmt::format_to(std::back_inserter(lines), "LD 0x{:x}\n", address / line_bytes_ * line_bytes_);
    }
    address += of_line;
    bytes -= of_line;
  }
  out_.write(lines);
}

void DramTrace::finish() {
  flush();
  out_.finish();
}

}  // namespace capcam
