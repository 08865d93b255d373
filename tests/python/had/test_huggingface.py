# SPDX-License-Identifier: Apache-2.0
import copy

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from capcam import InputError  # noqa: E402
from capcam.had import (  # noqa: E402
    HuggingFace,
    Recipe,
    Shuffled,
    Student,
    distil,
    exact_attention,
    four_stages,
    load_student,
)

SMALL = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 32}
IDS = torch.randint(5, 40, (2, 9), generator=torch.Generator().manual_seed(1))
TEXT = {"input_ids": IDS, "attention_mask": (torch.arange(9)[None] < torch.tensor([[9], [6]])).long()}
IMAGE = {"pixel_values": torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(1))}


def models():
    t = transformers
    yield "bert", lambda: t.BertModel(t.BertConfig(vocab_size=40, **SMALL)), TEXT
    yield "vit", lambda: t.ViTModel(t.ViTConfig(image_size=8, patch_size=2, **SMALL)), IMAGE
    yield "gpt2", lambda: t.GPT2Model(t.GPT2Config(vocab_size=40, n_embd=16, n_layer=2, n_head=4)), TEXT
    llama = t.LlamaConfig(vocab_size=40, num_key_value_heads=2, **SMALL)
    yield "llama", lambda: t.LlamaModel(llama), TEXT


CASES = [pytest.param(make, batch, id=name) for name, make, batch in models()]


def build(make):
    torch.manual_seed(0)
    return make().eval()


@pytest.mark.parametrize(("make", "batch"), CASES)
def test_exact_attention_through_the_adapter_changes_nothing(make, batch):
    model, layers = build(make), []
    before = model.config._attn_implementation
    with torch.no_grad():
        expected = model(**batch).last_hidden_state
        with HuggingFace(model).using(lambda call: (layers.append(call.layer), exact_attention(call).output)[1]):
            got = model(**batch).last_hidden_state
        again = model(**batch).last_hidden_state
    exists = batch.get("attention_mask", torch.ones(expected.shape[:2])).bool()
    torch.testing.assert_close(got[exists], expected[exists], rtol=1e-4, atol=1e-5)
    assert layers == [0, 1] and torch.equal(again, expected) and model.config._attn_implementation == before


@pytest.mark.parametrize(("make", "batch"), CASES)
def test_a_model_of_the_library_is_distilled(make, batch):
    teacher = build(make)
    student = HuggingFace(copy.deepcopy(teacher))
    recipe = Recipe(top_n=3, stages=four_stages((1, 1, 1, 1)), sigma_minibatches=2)

    def forward(model, _):
        return model(**batch).last_hidden_state[:, 0]

    done = distil(HuggingFace(teacher), student, Shuffled(range(4), 2), recipe, forward=forward)
    assert sorted(done.sigmas) == [0, 1]
    with torch.no_grad(), done.attention() as model:
        assert forward(model, None).isfinite().all()


def test_two_towers_whose_layers_have_one_number_are_refused_until_one_is_chosen():
    t = transformers
    torch.manual_seed(0)
    text = {"vocab_size": 40, **SMALL}
    vision = {"image_size": 8, "patch_size": 2, **SMALL}
    teacher = t.CLIPModel(t.CLIPConfig(text_config=text, vision_config=vision)).eval()
    recipe = Recipe(top_n=3, stages=four_stages((1, 1, 1, 1)), sigma_minibatches=1)

    def forward(model, _):
        return model(input_ids=IDS, **IMAGE).logits_per_text

    def distilled(**choice):
        student = HuggingFace(copy.deepcopy(teacher), **choice)
        return distil(HuggingFace(teacher, **choice), student, lambda step: None, recipe, forward=forward)

    with pytest.raises(InputError, match=r"two attentions are layer 0: .*vision_model.*text_model.*part= or match="):
        distilled()
    chosen = distilled(match="vision_model")
    assert sorted(chosen.sigmas) == [0, 1]


def bart(layers=1):
    torch.manual_seed(0)
    config = transformers.BartConfig(
        vocab_size=40,
        d_model=16,
        encoder_layers=layers,
        decoder_layers=layers,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        max_position_embeddings=32,
        init_std=0.5,
    )
    return transformers.BartForConditionalGeneration(config).eval()


def test_an_encoder_and_its_decoder_are_one_student_or_one_part_is():
    model = bart()

    def layers(**choice):
        seen = []
        adapter = HuggingFace(model, **choice)
        with torch.no_grad(), adapter.using(lambda call: (seen.append(call.layer), exact_attention(call).output)[1]):
            model(input_ids=IDS)
        return seen

    assert layers() == ["encoder.0", "decoder.0", "cross.0"]
    assert layers(part="cross") == [0]


def test_an_encoder_decoder_is_distilled_whole_and_runs_on_the_machine_as_in_torch(tmp_path):
    teacher = bart(layers=2)
    batch = TEXT | {"decoder_input_ids": IDS[:, :5].flip(1)}
    own = {"decoder": {"top_n.tile_k": 0}, "cross.1": {"top_n": {"n": 2}}}
    recipe = Recipe(
        machine={"array.rows": 4, "array.interleave": 8, "top_n.tile_k": 1, "top_n.n": 3},
        layers=own,
        stages=four_stages((1, 1, 1, 1)),
        sigma_minibatches=1,
    )

    def forward(model, _):
        return model(**batch).logits

    student = distil(
        HuggingFace(teacher), HuggingFace(copy.deepcopy(teacher)), Shuffled(range(4), 2), recipe, forward=forward
    )
    assert set(student.sigmas) == {f"{part}.{n}" for part in ("encoder", "decoder", "cross") for n in (0, 1)}
    student.save(tmp_path / "student.safetensors")
    loaded = load_student(tmp_path / "student.safetensors", HuggingFace(bart(layers=2)))
    assert loaded == Student(loaded.adapter, student.sigmas, 3, own)
    assert loaded.metadata("cross")["sigma_q.1"] == repr(student.sigmas["cross.1"].q)
    with torch.no_grad():
        with student.attention(recipe.machine) as model:
            expected = forward(model, None)
        with student.attention() as model:
            ideal = forward(model, None)
        with loaded.hardware(recipe.machine) as hw:
            got = forward(loaded.model, None)
    torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-5)
    assert not torch.allclose(ideal, expected, rtol=1e-3, atol=1e-3)  # tiles do matter here
    assert set(hw.layers) == set(student.sigmas)
