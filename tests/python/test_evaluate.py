# SPDX-License-Identifier: Apache-2.0
"""Task accuracy on the hardware."""

from __future__ import annotations

import pytest
import torch
import transformers

import capcam


def classifier():
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=50, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64, num_labels=3
    )
    return transformers.BertForSequenceClassification(config)


def batches(model):
    """Labels are what the model itself says, but for the last sample."""
    generator = torch.Generator().manual_seed(0)
    data = [{"input_ids": torch.randint(3, 50, (4, 20), generator=generator)} for _ in range(3)]
    with torch.no_grad():
        for batch in data:
            batch["labels"] = model.eval()(**batch).logits.argmax(-1)
    data[-1]["labels"][-1] = (data[-1]["labels"][-1] + 1) % 3
    return data


def test_accuracy_is_measured_with_full_precision_and_by_seed():
    model = classifier()
    data = batches(model)
    model.train()
    evaluation = capcam.evaluate(model, data, set={"sensing.comparator_noise_mv": 62.4}, seeds=(1, 2, 3))
    assert model.training
    assert evaluation.samples == 12
    assert evaluation.full_precision == pytest.approx(11 / 12)
    assert sorted(evaluation.hardware) == [1, 2, 3]
    assert evaluation.mean == pytest.approx(sum(evaluation.hardware.values()) / 3)
    assert evaluation.report["calls"] == 2 * 3 * 3  # layers, batches, seeds
    assert evaluation.energy_pj_per_sample == pytest.approx(evaluation.report["energy_pj"]["total"] / 36)
    # The same seed gives the same answer.
    again = capcam.evaluate(model, data, set={"sensing.comparator_noise_mv": 62.4}, seeds=(2,))
    assert again.hardware[2] == evaluation.hardware[2]
    assert again.spread == 0.0


def test_a_metric_of_ones_own_sees_output_reference_and_batch():
    model = classifier()
    data = batches(model)

    def distance(output, reference, batch):
        assert len(batch["labels"]) == 4
        return (output.logits - reference.logits).norm(dim=-1)

    evaluation = capcam.evaluate(model, data, metric=distance, seeds=(1,))
    assert evaluation.full_precision == 0.0
    assert evaluation.mean > 0.0


IDS = torch.randint(3, 50, (2, 14), generator=torch.Generator().manual_seed(3))


def test_labels_that_every_loss_leaves_out_do_not_count():
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=50, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64, num_labels=5
    )
    model = transformers.BertForTokenClassification(config).eval()
    mask = torch.ones_like(IDS)
    mask[1, 4:] = 0
    with torch.no_grad():
        labels = model(input_ids=IDS, attention_mask=mask).logits.argmax(-1)
    labels[0, :3] = -100
    batch = {"input_ids": IDS, "attention_mask": mask, "labels": labels}
    evaluation = capcam.evaluate(model, [batch], seeds=(1,))
    assert evaluation.full_precision == 1.0
    assert evaluation.samples == 14 - 3 + 4  # padding has labels here, and does not count either
    agreement = capcam.evaluate(model, [batch], metric="agreement", seeds=(1,))
    assert agreement.samples == 14 + 4


def language_model():
    torch.manual_seed(0)
    config = transformers.LlamaConfig(
        vocab_size=50,
        hidden_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        intermediate_size=64,
    )
    return transformers.LlamaForCausalLM(config).eval()


def test_labels_that_repeat_the_input_of_a_language_model_are_of_the_position_before():
    model = language_model()
    with torch.no_grad():
        right = model(input_ids=IDS).logits[:, :-1].argmax(-1) == IDS[:, 1:]
        text = model.generate(IDS[:1, :1], max_new_tokens=20, min_new_tokens=20, do_sample=False, pad_token_id=0)
    evaluation = capcam.evaluate(model, [{"input_ids": IDS, "labels": IDS}], seeds=(1,))
    assert evaluation.full_precision == pytest.approx(right.float().mean().item())
    assert evaluation.samples == 2 * 13
    own = capcam.evaluate(model, [{"input_ids": text, "labels": text}], seeds=(1,))
    assert own.full_precision > 0.9  # what it wrote itself
    prompt = IDS.clone()
    prompt[:, :5] = -100
    assert capcam.evaluate(model, [{"input_ids": IDS, "labels": prompt}], seeds=(1,)).samples == 2 * 9
    unmoved = capcam.evaluate(model, [{"input_ids": IDS, "labels": IDS}], seeds=(1,), shift=False)
    assert unmoved.samples == 2 * 14


def test_labels_of_ones_own_stand_where_they_are():
    model = language_model()
    with torch.no_grad():
        labels = model(input_ids=IDS).logits.argmax(-1)
    labels[:, 5:] = -100
    evaluation = capcam.evaluate(model, [{"input_ids": IDS, "labels": labels}], seeds=(1,))
    assert (evaluation.full_precision, evaluation.samples) == (1.0, 10)


def test_every_module_is_back_in_its_own_mode():
    model = classifier().train()
    model.bert.embeddings.eval()
    capcam.evaluate(model, batches(model.train()), seeds=(1,))
    model.bert.embeddings.eval()
    before = [module.training for module in model.modules()]
    capcam.evaluate(model, [{"input_ids": IDS}], metric="agreement", seeds=(1,))
    assert [module.training for module in model.modules()] == before


def test_what_cannot_be_evaluated_is_refused():
    model = classifier()
    ids = {"input_ids": IDS}
    with pytest.raises(capcam.InputError, match="every label is -100 or padding"):
        capcam.evaluate(model, [{**ids, "labels": torch.full((2,), -100)}])
    with pytest.raises(capcam.InputError, match=r"labels: expected the shape of the logits without classes, \[2\]"):
        capcam.evaluate(model, [{**ids, "labels": torch.zeros(2, 3, dtype=torch.long)}])
    with pytest.raises(capcam.InputError, match='expected "labels" in the batch, got input_ids'):
        capcam.evaluate(model, [ids])
    for seeds in ((1, 1), (1.5,), (-1,)):
        with pytest.raises(capcam.InputError, match="seeds: expected"):
            capcam.evaluate(model, [ids], seeds=seeds)
    with pytest.raises(capcam.InputError, match="metric: expected"):
        capcam.evaluate(model, [], metric="f1")
    with pytest.raises(capcam.InputError, match="data: expected at least one batch"):
        capcam.evaluate(model, [])
    with pytest.raises(capcam.InputError, match="seeds"):
        capcam.evaluate(model, [], seeds=())
