// The memory behind the machine, as the systemc engine sees it: it is asked through `MemoryIf` and answers through
// `MemoryAnswerIf`, in its own time. A memory of one's own derives from `Memory` (or from `TlmMemory`, which talks
// TLM-2.0) and is given to the engine by `SystemcOptions::memory`.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <systemc>
#include <vector>

#include "capcam/config.h"

namespace capcam::systemc {

enum class MemoryTraffic : std::uint8_t { keys = 0, values = 1 };

struct AddressRange {
  std::uint64_t address = 0;
  std::uint64_t bytes = 0;
};

// All of it is read; it is complete when its last byte is there. Capcam never writes to memory.
struct MemoryRequest {
  std::uint32_t core = 0;
  MemoryTraffic traffic = MemoryTraffic::keys;
  std::uint64_t tag = 0;             // is given back in the answer
  std::vector<AddressRange> ranges;  // not empty, and no range is

  std::uint64_t bytes() const {
    std::uint64_t sum = 0;
    for (const AddressRange& range : ranges) sum += range.bytes;
    return sum;
  }
};

class MemoryIf : public virtual sc_core::sc_interface {
 public:
  // Asks at the present moment; never waits. Requests of one cycle come in its first half, in any order: a memory that
  // serves them in turn collects them, later in the cycle or at the next clock edge, and sorts them by core, keys
  // before values.
  virtual void request(const MemoryRequest& request) = 0;
};

class MemoryAnswerIf : public virtual sc_core::sc_interface {
 public:
  // The request is complete at `at`, which is not past; the machine sees it at the first clock edge from then on.
  // Answers may come in any order.
  virtual void answer(std::uint32_t core, MemoryTraffic traffic, std::uint64_t tag, const sc_core::sc_time& at) = 0;
};

// The machine that a memory is built for.
struct MemorySetting {
  const Config& config;     // its sections `memory` and `clock` are of interest
  sc_core::sc_time period;  // of the machine's clock; cycle 0 begins at time 0
};

class Memory : public sc_core::sc_module, public MemoryIf {
 public:
  sc_core::sc_port<MemoryAnswerIf> answers{"answers"};  // is bound by the machine
  // Says in one line why a machine may wait for it, for the error of a machine that makes no progress.
  virtual std::string state() const { return std::string(name()) + ": a memory from outside"; }

 protected:
  explicit Memory(const sc_core::sc_module_name& name) : sc_module(name) {}
};

}  // namespace capcam::systemc
