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
    evaluation = capcam.evaluate(model, data, set={"sensing.comparator_noise_lsb": 4.0}, seeds=(1, 2, 3))
    assert model.training
    assert evaluation.samples == 12
    assert evaluation.full_precision == pytest.approx(11 / 12)
    assert sorted(evaluation.hardware) == [1, 2, 3]
    assert evaluation.mean == pytest.approx(sum(evaluation.hardware.values()) / 3)
    assert evaluation.report["calls"] == 2 * 3 * 3  # layers, batches, seeds
    assert evaluation.energy_pj_per_sample == pytest.approx(evaluation.report["energy_pj"]["total"] / 36)
    # The same seed gives the same answer.
    again = capcam.evaluate(model, data, set={"sensing.comparator_noise_lsb": 4.0}, seeds=(2,))
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


def test_what_cannot_be_evaluated_is_refused():
    model = classifier()
    with pytest.raises(capcam.InputError, match="metric: expected"):
        capcam.evaluate(model, [], metric="f1")
    with pytest.raises(capcam.InputError, match="data: expected at least one batch"):
        capcam.evaluate(model, [])
    with pytest.raises(capcam.InputError, match="seeds"):
        capcam.evaluate(model, [], seeds=())
