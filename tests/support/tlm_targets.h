// Memories for tests, by TLM-2.0: a channel with a latency and a bandwidth, and a DRAM with banks and open rows.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tlm_utils/peq_with_cb_and_phase.h>
#include <tlm_utils/simple_target_socket.h>

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <systemc>
#include <tlm>
#include <vector>

namespace capcam::testing {

struct LineRead {
  std::uint64_t address = 0, bytes = 0;
  friend bool operator==(const LineRead&, const LineRead&) = default;
};

// What every target checks and counts: the phases of the base protocol, one request and one response at a time.
class TlmTarget : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<TlmTarget> socket{"socket"};
  std::vector<LineRead> reads;
  std::size_t most_under_way = 0;
  std::vector<std::string> broken;  // rules of the protocol
  tlm::tlm_response_status status = tlm::TLM_OK_RESPONSE;

 protected:
  explicit TlmTarget(const sc_core::sc_module_name& name) : sc_module(name), phases_(this, &TlmTarget::on_phase) {
    socket.register_nb_transport_fw(this, &TlmTarget::on_forward);
  }
  // The payload's request has begun. Returns true if its request phase ends at once; if not, accept() ends it.
  virtual bool begin(tlm::tlm_generic_payload& payload) = 0;
  void accept(tlm::tlm_generic_payload& payload) {
    in_request_ = nullptr;
    tlm::tlm_phase phase = tlm::END_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    socket->nb_transport_bw(payload, phase, delay);
  }
  void respond_at(tlm::tlm_generic_payload& payload, const sc_core::sc_time& at) {
    phases_.notify(payload, tlm::BEGIN_RESP, at - sc_core::sc_time_stamp());
  }
  virtual void responded(tlm::tlm_generic_payload&) {}

 private:
  tlm::tlm_sync_enum on_forward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_core::sc_time&) {
    if (phase == tlm::END_RESP) {
      if (in_response_ != &payload) broken.emplace_back("END_RESP without BEGIN_RESP");
      in_response_ = nullptr;
      payload.release();
      if (!to_respond_.empty()) {
        phases_.notify(*to_respond_.front(), tlm::BEGIN_RESP, sc_core::SC_ZERO_TIME);
        to_respond_.pop_front();
      }
      return tlm::TLM_COMPLETED;
    }
    if (phase != tlm::BEGIN_REQ) broken.emplace_back("an unexpected phase");
    if (in_request_ != nullptr) broken.emplace_back("BEGIN_REQ before END_REQ");
    if (!payload.is_read() || payload.get_data_ptr() == nullptr || payload.get_data_length() == 0 ||
        payload.get_streaming_width() < payload.get_data_length())
      broken.emplace_back("the payload is no proper read");
    payload.acquire();
    reads.push_back({payload.get_address(), payload.get_data_length()});
    most_under_way = std::max(most_under_way, ++under_way_);
    in_request_ = &payload;
    if (!begin(payload)) return tlm::TLM_ACCEPTED;
    in_request_ = nullptr;
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
  }
  void on_phase(tlm::tlm_generic_payload& payload, const tlm::tlm_phase&) {
    if (in_response_ != nullptr) return to_respond_.push_back(&payload);
    in_response_ = &payload;
    --under_way_;
    payload.set_response_status(status);
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    responded(payload);
    socket->nb_transport_bw(payload, phase, delay);
  }
  tlm_utils::peq_with_cb_and_phase<TlmTarget> phases_;
  const tlm::tlm_generic_payload* in_request_ = nullptr;
  const tlm::tlm_generic_payload* in_response_ = nullptr;
  std::deque<tlm::tlm_generic_payload*> to_respond_;
  std::size_t under_way_ = 0;
};

// Transfers follow one another; a response begins `latency` after the end of its transfer.
class ChannelTarget final : public TlmTarget {
 public:
  ChannelTarget(const sc_core::sc_module_name& name, const sc_core::sc_time& latency, const sc_core::sc_time& per_byte)
      : TlmTarget(name), latency_(latency), per_byte_(per_byte) {}

 private:
  bool begin(tlm::tlm_generic_payload& payload) override {
    free_ = std::max(free_, sc_core::sc_time_stamp()) + per_byte_ * payload.get_data_length();
    respond_at(payload, free_ + latency_);
    return true;
  }
  const sc_core::sc_time latency_, per_byte_;
  sc_core::sc_time free_;
};

// A read of the row that is open in its bank takes `hit`, of another row `miss`; banks work in parallel, each in order.
// A bank has a queue: while it is full, the request phase stays open.
class BankedTarget final : public TlmTarget {
 public:
  static constexpr std::uint64_t banks = 4, row_bytes = 1024;
  static constexpr std::size_t queue = 4;

  BankedTarget(const sc_core::sc_module_name& name, const sc_core::sc_time& hit, const sc_core::sc_time& miss)
      : TlmTarget(name), hit_(hit), miss_(miss) {}
  std::uint64_t hits = 0, misses = 0;

 private:
  struct Bank {
    std::uint64_t open_row = ~std::uint64_t{0};
    sc_core::sc_time free;
    std::size_t waiting = 0;
  };
  bool begin(tlm::tlm_generic_payload& payload) override {
    Bank& bank = bank_of(payload);
    if (bank.waiting == queue) {
      held_ = &payload;
      return false;
    }
    serve(payload);
    return true;
  }
  void responded(tlm::tlm_generic_payload& payload) override {
    Bank& bank = bank_of(payload);
    --bank.waiting;
    if (held_ == nullptr || &bank_of(*held_) != &bank) return;
    tlm::tlm_generic_payload& next = *held_;
    held_ = nullptr;
    serve(next);
    accept(next);
  }
  void serve(tlm::tlm_generic_payload& payload) {
    Bank& bank = bank_of(payload);
    const std::uint64_t row = payload.get_address() / (row_bytes * banks);
    const bool hit = bank.open_row == row;
    ++(hit ? hits : misses);
    bank.open_row = row;
    bank.free = std::max(bank.free, sc_core::sc_time_stamp()) + (hit ? hit_ : miss_);
    ++bank.waiting;
    respond_at(payload, bank.free);
  }
  Bank& bank_of(const tlm::tlm_generic_payload& payload) { return banks_[payload.get_address() / row_bytes % banks]; }
  const sc_core::sc_time hit_, miss_;
  Bank banks_[banks];
  tlm::tlm_generic_payload* held_ = nullptr;
};

}  // namespace capcam::testing
