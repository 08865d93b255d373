# SPDX-License-Identifier: Apache-2.0
"""What a block cannot see it does not pass over in silence."""

from __future__ import annotations

import contextlib

import pytest
import torch
import transformers as tf
from small_models import BERT, IDS, ByHand, bloom, clip, llama, randomised

import capcam


@pytest.fixture(scope="module")
def unseen():
    return bloom()


def test_a_model_whose_attention_goes_past_is_refused_by_all(unseen, tmp_path):
    said = r"transformer\.h\.0\.self_attention \(BloomAttention\)"
    with pytest.raises(capcam.InputError, match=said), torch.no_grad(), capcam.attention():
        unseen(input_ids=IDS)
    with pytest.raises(capcam.InputError, match=said), torch.no_grad(), capcam.capture(tmp_path / "t.safetensors"):
        unseen(input_ids=IDS)
    with pytest.raises(capcam.InputError, match=said):
        capcam.evaluate(unseen, [{"input_ids": IDS}], metric="agreement")
    with pytest.raises(capcam.InputError, match=said):
        capcam.estimate_sigmas(unseen, [{"input_ids": IDS}])
    from capcam import had

    student = had.Student(had.HuggingFace(unseen), {0: had.Sigma(1.0, 1.0), 1: had.Sigma(1.0, 1.0)}, 8)
    with pytest.raises(capcam.InputError, match=said), torch.no_grad(), student.attention():
        unseen(input_ids=IDS)
    assert list(tmp_path.iterdir()) == []


FAMILIES = {
    "DebertaV2ForMaskedLM": {"position_biased_input": True},
    "MPNetForMaskedLM": {},
    "XLNetLMHeadModel": {"d_model": 32, "n_layer": 2, "n_head": 4, "d_inner": 48},
    "LongformerForMaskedLM": {"attention_window": 4},
    "BigBirdForMaskedLM": {"attention_type": "original_full"},
    "ReformerModelWithLMHead": {"attn_layers": ["local", "lsh"], "is_decoder": True, "axial_pos_embds": False},
}


@pytest.mark.parametrize("name", FAMILIES)
def test_families_that_multiply_by_themselves_are_refused(name):
    kind = getattr(tf, name)
    config = kind.config_class()
    for key, value in {**BERT, **FAMILIES[name]}.items():
        with contextlib.suppress(NotImplementedError):  # of XLNet, for a length it has not
            if hasattr(config, key):
                setattr(config, key, value)
    torch.manual_seed(0)
    model = kind(config).eval()
    with pytest.raises(capcam.InputError, match="no attention was computed by the hardware: these modules went past"):
        with torch.no_grad(), capcam.attention():
            model(input_ids=IDS)


class Half(torch.nn.Module):
    """One attention that can be seen, one by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = torch.nn.MultiheadAttention(32, 4, batch_first=True)
        self.mixer = ByHand()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.mixer(self.seen(x, x, x)[0])


def test_part_of_a_model_that_goes_past_is_named(tmp_path):
    model, x = Half().eval(), torch.randn(2, 9, 32)
    with pytest.raises(capcam.InputError, match=r"part of the model's attention went past.*mixer \(ByHand\)"):
        with torch.no_grad(), capcam.attention():
            model(x)
    with pytest.raises(capcam.InputError, match=r"mixer \(ByHand\)"):
        with torch.no_grad(), capcam.capture(tmp_path / "t.safetensors"):
            model(x)
    with torch.no_grad(), capcam.attention(match="seen") as hw:  # the rest is left to the model on purpose
        model(x)
    assert hw.report["calls"] == 1


def test_an_encoder_of_its_own_kind_beside_a_decoder_that_is_seen_is_named():
    config = tf.PegasusXConfig(
        vocab_size=64,
        d_model=32,
        encoder_layers=2,
        decoder_layers=2,
        encoder_attention_heads=4,
        decoder_attention_heads=4,
        encoder_ffn_dim=48,
        decoder_ffn_dim=48,
        max_position_embeddings=64,
    )
    model = randomised(tf.PegasusXModel(config))
    with pytest.raises(capcam.InputError, match=r"went past.*encoder\.layers\.0\.self_attn"):
        with torch.no_grad(), capcam.attention():
            model(input_ids=IDS, decoder_input_ids=IDS[:, :9])


def test_a_choice_that_chooses_nothing_says_what_there_was(tmp_path):
    model = llama()
    said = r"match='encoder\\\\.layer' chose none of the modules that attended: model\.layers\.0\.self_attn, model\."
    with pytest.raises(capcam.InputError, match=said), torch.no_grad(), capcam.attention(match=r"encoder\.layer"):
        model(input_ids=IDS)
    with pytest.raises(capcam.InputError, match="part='cross' chose none"):
        with torch.no_grad(), capcam.capture(tmp_path / "t.safetensors", part="cross"):
            model(input_ids=IDS)
    with pytest.raises(capcam.InputError, match="match: expected a regular expression"), capcam.attention(match="("):
        pass


def test_a_block_in_which_nothing_attends_is_refused():
    with pytest.raises(capcam.InputError, match="no attention was computed by the hardware"), capcam.attention():
        torch.nn.Linear(3, 3)(torch.ones(1, 3))


def test_attention_by_hand_in_code_of_no_module_is_seen_to_go_past():
    q = torch.randn(2, 4, 9, 8)
    with pytest.raises(capcam.InputError, match="code outside of any module"), capcam.attention() as hw:
        hw(q, q, q)
        torch.softmax(q @ q.transpose(-1, -2), -1) @ q


def test_a_softmax_that_is_no_attention_is_none():
    """A router, a classifier: probabilities that meet no other matrix."""
    layer = torch.nn.Linear(8, 5)
    q = torch.randn(2, 4, 9, 8)
    with torch.no_grad(), capcam.attention() as hw:
        hw(q, q, q)
        probabilities = layer(torch.randn(6, 8)).softmax(-1)
        torch.randn(3, 4) @ torch.randn(4, 5)
        assert probabilities.shape == (6, 5)
    assert hw.report["calls"] == 1


def test_paths_are_those_of_the_whole_model_whichever_part_is_called(tmp_path):
    model, ids = clip(), IDS
    with torch.no_grad(), capcam.attention(match=r"text_model") as whole:
        model(input_ids=ids, pixel_values=torch.randn(2, 3, 32, 32))
    with torch.no_grad(), capcam.attention(match=r"text_model") as part:
        model.get_text_features(input_ids=ids)
    assert whole.cycles == part.cycles > 0
    with torch.no_grad(), capcam.capture(tmp_path / "t.safetensors", match=r"^text_model\.encoder\.layers\.1"):
        model.get_text_features(input_ids=ids)
    assert capcam.open_trace(tmp_path / "t.safetensors").layers == [1]


def test_the_encoder_that_generation_calls_by_itself_has_its_path():
    config = tf.BartConfig(
        vocab_size=64,
        d_model=32,
        encoder_layers=2,
        decoder_layers=2,
        encoder_attention_heads=4,
        decoder_attention_heads=4,
        encoder_ffn_dim=48,
        decoder_ffn_dim=48,
        max_position_embeddings=64,
    )
    model = randomised(tf.BartForConditionalGeneration(config))
    with torch.no_grad(), capcam.attention(match=r"model\.encoder") as hw:
        model.generate(input_ids=IDS, max_new_tokens=3, do_sample=False)
    assert list(hw.layers) == ["encoder.0", "encoder.1"]
    assert hw.report["calls"] == 2
