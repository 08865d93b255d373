# SPDX-License-Identifier: Apache-2.0
import pytest

pytest.importorskip("torch")

from capcam.had import Recipe, Shuffled, Stage, four_stages


def test_the_four_stages_are_the_published_ones():
    tanh, sharper, sign, tuning = four_stages(steps=(10, 20, 5, 5))
    assert (tanh.c(0), tanh.c(9)) == pytest.approx((5, 1))
    assert (sharper.c(0), sharper.c(19)) == pytest.approx((1, 0.05))
    assert sign.c(3) is None and tuning.c(3) is None
    assert [stage.map_weight > 0 for stage in (tanh, sharper, sign, tuning)] == [True, True, True, False]


def test_a_step_belongs_to_one_stage():
    recipe = Recipe(stages=four_stages(steps=(2, 0, 1, 3)))
    at = [(recipe.at(step)[0].name, recipe.at(step)[1]) for step in range(recipe.steps)]
    assert at == [("tanh", 0), ("tanh", 1), ("sign", 0)] + [("fine-tuning", step) for step in range(3)]
    with pytest.raises(IndexError):
        recipe.at(6)


def test_all_problems_of_a_recipe_are_told_at_once():
    with pytest.raises(ValueError) as error:
        Recipe(top_n=0, ste_clip=-1, stages=(Stage("odd", -1, 1e-3, c_from=5.0),))
    for part in ("top_n must be >= 1, got 0", "ste_clip", "'odd': steps must be >= 0, got -1", "c_from and c_to"):
        assert part in str(error.value)


def test_each_epoch_sees_each_example_once_in_an_order_of_its_own():
    batches = Shuffled(list(range(12)), 4, seed=3)
    epochs = [[i for step in range(3) for i in batches(3 * epoch + step).tolist()] for epoch in range(2)]
    assert sorted(epochs[0]) == sorted(epochs[1]) == list(range(12)) and epochs[0] != epochs[1]


def test_a_batch_depends_on_seed_and_step_alone():
    forwards, backwards = Shuffled(range(100), 8, seed=1), Shuffled(range(100), 8, seed=1)
    seen = [forwards(step).tolist() for step in range(30)]
    assert [backwards(step).tolist() for step in reversed(range(30))] == seen[::-1]
    assert Shuffled(range(100), 8, seed=2)(0).tolist() != seen[0]


def test_a_batch_size_over_the_number_of_examples_is_refused():
    with pytest.raises(ValueError, match="1 to 3, the number of examples; got 4"):
        Shuffled([1, 2, 3], 4)
