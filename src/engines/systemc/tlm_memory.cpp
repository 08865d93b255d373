// SPDX-License-Identifier: Apache-2.0
#include "capcam/systemc/tlm_memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <map>
#include <tuple>

#include "capcam/error.h"

namespace capcam::systemc {

struct TlmMemory::Asked {
  std::uint32_t core;
  MemoryTraffic traffic;
  std::uint64_t tag;
  std::vector<AddressRange> ranges;
  std::uint64_t lines = 0;  // lines that have no response yet
};

// Payloads are used again when their last holder has let them go.
class TlmMemory::Transactions final : public tlm::tlm_mm_interface {
 public:
  ~Transactions() override {
    for (tlm::tlm_generic_payload* payload : all_) delete payload;
  }
  tlm::tlm_generic_payload& take(Asked* request, std::uint32_t line_bytes) {
    if (free_.empty()) {
      all_.push_back(new tlm::tlm_generic_payload(this));
      free_.push_back(all_.back());
    }
    tlm::tlm_generic_payload& payload = *free_.back();
    free_.pop_back();
    payload.acquire();
    data_.resize(line_bytes);
    payload.set_command(tlm::TLM_READ_COMMAND);
    payload.set_data_ptr(data_.data());  // nobody looks at it: capcam knows what lies in memory
    payload.set_byte_enable_ptr(nullptr);
    payload.set_dmi_allowed(false);
    payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    request_of_[&payload] = request;
    return payload;
  }
  Asked*& request_of(const tlm::tlm_generic_payload& payload) { return request_of_.at(&payload); }
  void free(tlm::tlm_generic_payload* payload) override {
    payload->reset();
    free_.push_back(payload);
  }

 private:
  std::vector<tlm::tlm_generic_payload*> all_, free_;
  std::map<const tlm::tlm_generic_payload*, Asked*> request_of_;
  std::vector<unsigned char> data_;
};

TlmMemory::TlmMemory(const sc_core::sc_module_name& name, const MemorySetting& setting, const TlmMemoryOptions& options)
    : Memory(name),
      period_(setting.period),
      options_(options),
      pool_(std::make_unique<Transactions>()),
      phases_(this, &TlmMemory::on_phase) {
  std::vector<std::string> problems;
  if (!std::has_single_bit(options.line_bytes))
    problems.push_back(fmt::format("line_bytes: expected a power of two, got {}", options.line_bytes));
  if (options.outstanding == 0) problems.emplace_back("outstanding: expected at least 1 transaction, got 0");
  if (!problems.empty()) throw InputError("the TLM memory", std::move(problems));
  socket.register_nb_transport_bw(this, &TlmMemory::on_backward);
  SC_HAS_PROCESS(TlmMemory);
  SC_METHOD(clock_edge);
  sensitive << edge_;
  dont_initialize();
}

TlmMemory::~TlmMemory() = default;

void TlmMemory::request(const MemoryRequest& request) {
  of_cycle_.push_back(std::make_unique<Asked>(Asked{request.core, request.traffic, request.tag, request.ranges}));
  const std::uint64_t cycle = sc_core::sc_time_stamp().value() / period_.value();
  edge_.notify(sc_core::sc_time::from_value((cycle + 1) * period_.value() - sc_core::sc_time_stamp().value()));
}

void TlmMemory::clock_edge() {
  std::stable_sort(of_cycle_.begin(), of_cycle_.end(), [](const auto& a, const auto& b) {
    return std::tie(a->core, a->traffic) < std::tie(b->core, b->traffic);
  });
  for (std::unique_ptr<Asked>& next : of_cycle_) {
    for (AddressRange range : next->ranges) {
      while (range.bytes > 0) {
        const std::uint64_t bytes = std::min(range.bytes, options_.line_bytes - range.address % options_.line_bytes);
        if (options_.whole_lines) {
          lines_.push_back({next.get(), range.address & ~std::uint64_t{options_.line_bytes - 1}, options_.line_bytes});
        } else {
          lines_.push_back({next.get(), range.address, static_cast<std::uint32_t>(bytes)});
        }
        ++next->lines;
        range.address += bytes;
        range.bytes -= bytes;
      }
    }
    asked_.push_back(std::move(next));
  }
  of_cycle_.clear();
  send();
}

// The base protocol lets one request phase be open at a time.
void TlmMemory::send() {
  while (!lines_.empty() && in_request_ == nullptr && under_way_ < options_.outstanding) {
    const Line line = lines_.front();
    lines_.pop_front();
    send(line);
  }
}

void TlmMemory::send(const Line& line) {
  tlm::tlm_generic_payload& payload = pool_->take(line.request, options_.line_bytes);
  payload.set_address(line.address);
  payload.set_data_length(line.bytes);
  payload.set_streaming_width(line.bytes);
  ++transactions_;
  ++under_way_;
  in_request_ = &payload;
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  switch (socket->nb_transport_fw(payload, phase, delay)) {
    case tlm::TLM_ACCEPTED:
      return;
    case tlm::TLM_UPDATED:
      if (phase == tlm::END_REQ && delay == sc_core::SC_ZERO_TIME) return request_accepted(payload);
      phases_.notify(payload, phase, delay);
      return;
    case tlm::TLM_COMPLETED:  // no phase follows
      phase = tlm::END_RESP;
      phases_.notify(payload, phase, delay);
      return;
  }
}

tlm::tlm_sync_enum TlmMemory::on_backward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                          sc_core::sc_time& delay) {
  phases_.notify(payload, phase, delay);
  return tlm::TLM_ACCEPTED;
}

void TlmMemory::on_phase(tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase) {
  if (phase == tlm::END_REQ) {
    request_accepted(payload);
  } else if (phase == tlm::BEGIN_RESP) {
    response_begins(payload, true);
  } else if (phase == tlm::END_RESP) {
    response_begins(payload, false);
  } else {
    throw LawBroken(
        fmt::format("{}: the memory sent a phase that is not of the base protocol: {}", name(), phase.get_name()));
  }
  send();
}

void TlmMemory::request_accepted(const tlm::tlm_generic_payload& payload) {
  if (in_request_ == &payload) in_request_ = nullptr;
}

void TlmMemory::response_begins(tlm::tlm_generic_payload& payload, bool answer_back) {
  request_accepted(payload);  // a response also ends the request phase
  if (payload.is_response_error())
    throw LawBroken(fmt::format("{}: the memory answered a read of {} bytes at address {:#x} with {}", name(),
                                payload.get_data_length(), payload.get_address(), payload.get_response_string()));
  Asked* const request = pool_->request_of(payload);
  if (request == nullptr)
    throw LawBroken(fmt::format("{}: the memory answered twice for address {:#x}", name(), payload.get_address()));
  pool_->request_of(payload) = nullptr;
  --under_way_;
  if (--request->lines == 0) {
    answers->answer(request->core, request->traffic, request->tag, sc_core::sc_time_stamp());
    std::erase_if(asked_, [request](const auto& asked) { return asked.get() == request; });
  }
  if (answer_back) {
    tlm::tlm_phase phase = tlm::END_RESP;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    socket->nb_transport_fw(payload, phase, delay);
  }
  payload.release();
}

std::string TlmMemory::state() const {
  return fmt::format("{}: {} transactions sent, {} under way, {} lines waiting{}", name(), transactions_, under_way_,
                     lines_.size(), in_request_ != nullptr ? ", a request that is not accepted" : "");
}

}  // namespace capcam::systemc
