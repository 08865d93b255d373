// A memory model from outside behind the machine, by TLM-2.0: it knows nothing of capcam, and capcam knows its socket.
// tlm_memory CONFIG TRACE [KEY=VALUE...]
// SPDX-License-Identifier: Apache-2.0
#include <tlm_utils/peq_with_cb_and_phase.h>
#include <tlm_utils/simple_target_socket.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <systemc>
#include <tlm>
#include <vector>

#include "capcam/read_config.h"
#include "capcam/report.h"
#include "capcam/simulate.h"
#include "capcam/systemc/engine.h"
#include "capcam/systemc/tlm_memory.h"
#include "capcam/trace.h"

// Stands for a memory simulator: two channels, which take turns at lines of 64 bytes. A read takes 30 ns, and a channel
// begins one every 4 ns.
class OutsideDram final : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<OutsideDram> socket{"socket"};

  explicit OutsideDram(const sc_core::sc_module_name& name) : sc_module(name), phases_(this, &OutsideDram::on_phase) {
    socket.register_nb_transport_fw(this, &OutsideDram::on_forward);
  }

 private:
  tlm::tlm_sync_enum on_forward(tlm::tlm_generic_payload& read, tlm::tlm_phase& phase, sc_core::sc_time& delay) {
    if (phase == tlm::BEGIN_REQ) read.acquire();
    phases_.notify(read, phase, delay);
    return tlm::TLM_ACCEPTED;
  }
  void on_phase(tlm::tlm_generic_payload& read, const tlm::tlm_phase& phase) {
    if (phase == tlm::BEGIN_REQ) {
      sc_core::sc_time& free = channels_[read.get_address() / 64 % 2];
      free = std::max(free, sc_core::sc_time_stamp()) + sc_core::sc_time(4, sc_core::SC_NS);
      phases_.notify(read, tlm::BEGIN_RESP, free + sc_core::sc_time(30, sc_core::SC_NS) - sc_core::sc_time_stamp());
      backward(read, tlm::END_REQ);
    } else if (phase == tlm::BEGIN_RESP) {  // one response at a time
      waiting_.push_back(&read);
      if (waiting_.size() == 1) respond();
    } else {  // END_RESP
      read.release();
      waiting_.erase(waiting_.begin());
      if (!waiting_.empty()) respond();
    }
  }
  void respond() {
    waiting_.front()->set_response_status(tlm::TLM_OK_RESPONSE);
    backward(*waiting_.front(), tlm::BEGIN_RESP);
  }
  void backward(tlm::tlm_generic_payload& read, tlm::tlm_phase phase) {
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    socket->nb_transport_bw(read, phase, delay);
  }
  tlm_utils::peq_with_cb_and_phase<OutsideDram> phases_;
  std::vector<sc_core::sc_time> channels_ = std::vector<sc_core::sc_time>(2);  // when each is free
  std::vector<tlm::tlm_generic_payload*> waiting_;                             // their responses are due
};

// The memory that capcam builds: its initiator socket, bound to the model's target socket.
struct OutsideMemory final : capcam::systemc::TlmMemory {
  explicit OutsideMemory(const capcam::systemc::MemorySetting& setting) : TlmMemory("memory", setting), dram("dram") {
    socket.bind(dram.socket);
  }
  OutsideDram dram;
};

// SystemC's library has the main() that calls this.
int sc_main(int argc, char* argv[]) {
  if (argc < 3) {
    std::fputs("usage: tlm_memory CONFIG TRACE [KEY=VALUE...]\n", stderr);
    return 2;
  }
  try {
    const std::vector<std::string> sets(argv + 3, argv + argc);
    const capcam::Config config = capcam::read_config(capcam::resolve_config_path(argv[1]), sets);
    capcam::SystemcOptions options;
    options.memory = [](const capcam::systemc::MemorySetting& setting) {
      return std::make_unique<OutsideMemory>(setting);
    };
    const capcam::PreparedTrace trace(capcam::open_trace(argv[2]));
    const capcam::Report outside = capcam::simulate(config, trace, *capcam::systemc_engine(options));
    const capcam::Report built_in = capcam::simulate(config, trace, *capcam::fast_engine());
    std::printf("%llu cycles with the memory from outside, %llu with the built-in channel\n",
                static_cast<unsigned long long>(outside.stats.cycles),
                static_cast<unsigned long long>(built_in.stats.cycles));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "tlm_memory: %s\n", error.what());
    return 2;
  }
  return 0;
}
