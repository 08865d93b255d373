// SPDX-License-Identifier: Apache-2.0
// SpAtten's workload tables, good and bad.
#include <fstream>

#include "capcam/trace.h"
#include "cli/refusal.h"

namespace capcam::testing {
namespace {

const std::string header =
    "iteration_id,layer_id,head_id,embedding_length_D,sentence_length_L,key_fetch_num,quant_key_bit,value_fetch_num,"
    "if_topk,topk\n";

struct Table {
  explicit Table(const std::string& text) { write_bytes(csv, text); }
  Ended import() const { return run_capcam({"trace", "import", csv, out}); }
  void check_refused_with(const std::vector<std::string>& patterns) const {
    check_refused({"trace", "import", csv, out}, patterns);
    CHECK_FALSE(std::filesystem::exists(out));
  }
  TemporaryFolder folder;
  const std::string csv = folder / "table.csv", out = folder / "out.safetensors";
};

}  // namespace

TEST_CASE("a decoder's table becomes a causal trace of its steps") {
  const Table table(header +
                    "0,0,0,64.0,60,60,-1,60,True,30\n0,0,1,64.0,60,60,-1,45,False,-1\n"
                    "0,1,0,64.0,60,50,-1,50,True,30\n0,1,1,64.0,60,50,-1,45,False,-1\n"
                    "1,0,0,64.0,61,61,-1,61,True,30\n1,0,1,64.0,61,61,-1,46,False,-1\n"
                    "1,1,0,64.0,61,51,-1,51,True,30\n1,1,1,64.0,61,51,-1,46,False,-1\n"
                    "configs/gpt2/some.yml,,,,,,,,,\n");
  const Ended ended = table.import();
  INFO(ended.err);
  REQUIRE(ended.status == 0);
  CHECK_THAT(ended.out, ContainsSubstring("--set top_n.n=46") && ContainsSubstring("pipeline.decode=append"));
  const Trace trace = open_trace(table.out);
  CHECK((trace.shape == TraceShape{1, 2, 2, 2, 61, 64, 64}));
  CHECK(trace.layers.size() == 2);
  CHECK(trace.causal);
  CHECK(trace.query_offset == 59);
  CHECK(trace.metadata.at("top_k.0.0") == "30");
  CHECK(trace.metadata.at("top_k.1.1") == "46");
  // 10 of layer 1's 61 keys are pruned, but never the newest.
  REQUIRE(trace.layers[1].mask.has_value());
  std::vector<float> mask(61);
  trace.layers[1].mask->read(0, mask);
  CHECK(std::count(mask.begin(), mask.end(), 0.0f) == 10);
  CHECK(mask.back() == 1.0f);
  std::vector<float> unpruned(61);
  trace.layers[0].mask->read(0, unpruned);
  CHECK(std::count(unpruned.begin(), unpruned.end(), 0.0f) == 0);
}

TEST_CASE("a table without iterations is an encoder's") {
  const Table table(
      "layer_id,head_id,embedding_length_D,sentence_length_L,key_value_query_fetch_num,if_topk,topk\n"
      "0,0,32,20,20,True,8\n");
  REQUIRE(table.import().status == 0);
  const Trace trace = open_trace(table.out);
  CHECK((trace.shape == TraceShape{1, 1, 1, 20, 20, 32, 32}));
  CHECK_FALSE(trace.causal);
}

TEST_CASE("what a workload table lacks is named") {
  Table("").check_refused_with({"line 1: expected the names of the columns"});
  Table("layer_id,head_id\n0,0\n")
      .check_refused_with({"line 1: embedding_length_D: the column is missing", "topk: the column is missing"});
  Table(header).check_refused_with({"no heads"});
  check_refused({"trace", "import", "nowhere.csv", "out.safetensors"}, {"nowhere.csv cannot be read"});
}

TEST_CASE("every bad line of a workload table is named by its number") {
  Table(header + "0,0,0,64.5,60,60,-1,60,True,30\n0,0,1,64.0,60,70,-1,60,Maybe,30\n0,0,x,64.0\n")
      .check_refused_with({"line 2: embedding_length_D: expected an integer from 0 to 65535, got \"64.5\"",
                           "line 3: if_topk: expected True or False, got \"Maybe\"", "line 4: head_id: .* got \"x\"",
                           "line 4: value_fetch_num: .* got \"\""});
  Table(header + "0,0,0,64.0,60,61,-1,60,False,-1\n").check_refused_with({"line 2: key_fetch_num \\(61\\) is more"});
  Table(header + "0,0,0,64.0,60,60,-1,60,False,-1\n0,0,0,64.0,60,60,-1,60,False,-1\n")
      .check_refused_with({"line 3: layer 0 head 0 of iteration 0 is given twice"});
  Table(header +
        "0,0,0,64.0,60,60,-1,60,False,-1\n0,0,1,64.0,60,60,-1,60,False,-1\n0,1,0,64.0,60,60,-1,60,False,-1\n"
        "1,0,0,64.0,60,60,-1,60,False,-1\n")
      .check_refused_with({"iteration 0 ends without layer 1 head 1", "line 5: sentence_length_L: expected 61"});
  Table(header + "0,60000,60000,64.0,60,60,-1,60,False,-1\n").check_refused_with({"only 1 lines"});
  Table(header + "4000000000000000000000,0,0,64.0,60,60,-1,60,False,-1\n").check_refused_with({"line 2: iteration_id"});
  Table(header + std::string(5000, '7') + "\n").check_refused_with({"line 2: expected at most 4096 bytes"});
}

TEST_CASE("an unknown model's shape lists the known ones") {
  check_refused({"trace", "synth", "out.safetensors", "--like", "bert-bass"},
                {"there is no model shape bert-bass", "did you mean bert-base\\?", "whisper-tiny-encoder +speech"});
}

TEST_CASE("options change what a model's shape says") {
  const TemporaryFolder folder;
  const std::string out = folder / "t.safetensors";
  REQUIRE(run_capcam({"trace", "synth", out, "--like", "gpt2-small", "--layers", "1", "--queries", "4"}).status == 0);
  const Trace trace = open_trace(out);
  CHECK((trace.shape == TraceShape{1, 12, 12, 4, 1024, 64, 64}));
  CHECK(trace.layers.size() == 1);
  CHECK(trace.query_offset == 1020);  // the last queries
  CHECK(trace.layers[0].q.dtype == Dtype::bf16);
  CHECK(trace.metadata.at("workload") == "gpt2-small");
  CHECK(trace.metadata.at("workload.layers") == "12");
}

}  // namespace capcam::testing
