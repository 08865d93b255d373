# SPDX-License-Identifier: Apache-2.0
import pytest

torch = pytest.importorskip("torch")

from capcam.had import AttentionCall, embedding_kl, output_kl  # noqa: E402
from capcam.had.losses import map_kl  # noqa: E402


def draw(*shape, seed):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def call(valid=None):
    return AttentionCall(0, draw(2, 3, 5, 4, seed=1), draw(2, 3, 5, 4, seed=2), draw(2, 3, 5, 4, seed=3), 0.5, valid)


@pytest.mark.parametrize("loss", [output_kl, embedding_kl])
def test_a_loss_is_zero_for_equal_outputs_and_positive_for_others(loss):
    x, y = draw(8, 6, seed=1), draw(8, 6, seed=2)
    assert loss(x, x).item() == pytest.approx(0, abs=1e-6)
    assert loss(x, y).item() > 0.01


def test_the_output_loss_is_torchs_kl_divergence():
    student, teacher = draw(8, 6, seed=1), draw(8, 6, seed=2)
    expected = torch.nn.functional.kl_div(student.log_softmax(-1), teacher.softmax(-1), reduction="batchmean")
    assert output_kl(student, teacher).item() == pytest.approx(expected.item(), rel=1e-5)


def test_the_embedding_loss_is_that_of_directions():
    teacher = draw(8, 6, seed=1)
    turned = teacher @ torch.linalg.qr(draw(6, 6, seed=2)).Q  # same mutual cosines, other axes
    assert embedding_kl(turned, teacher).item() > 0.01
    assert embedding_kl(3 * teacher, teacher).item() == pytest.approx(0, abs=1e-5)  # length does not matter
    assert embedding_kl(-teacher, teacher, weight=1).item() == pytest.approx(2)


def test_padding_adds_nothing_to_the_map_loss():
    teacher, student = draw(2, 3, 5, 5, seed=4).log_softmax(-1), draw(2, 3, 5, 5, seed=5).log_softmax(-1)
    valid = torch.arange(5)[None, None, None, :] < torch.tensor([5, 3])[:, None, None, None]
    before = map_kl(call(valid), teacher, student)
    disturbed = student.clone()
    disturbed[1, :, 3:] -= 7.0  # the queries that are padding
    assert map_kl(call(valid), teacher, disturbed).item() == before.item()
    assert map_kl(call(), teacher, disturbed).item() > before.item()


def test_a_key_of_no_weight_in_the_teachers_map_adds_nothing_and_no_nan():
    log_teacher = torch.tensor([[[[0.0, -torch.inf]]]])
    student = torch.tensor([[[[2.0, 1.0]]]], requires_grad=True)
    shape = AttentionCall(0, torch.zeros(1, 1, 1, 4), torch.zeros(1, 1, 2, 4), torch.zeros(1, 1, 2, 4), 1.0)
    loss = map_kl(shape, log_teacher, student.log_softmax(-1))
    assert loss.item() == pytest.approx(-student.log_softmax(-1)[..., 0].item())
    loss.backward()
    assert student.grad.isfinite().all()
