"""Toy tasks: their data, the networks in NumPy beside torch's, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest

from demos.contract import State
from demos.networks.tasks import again
from demos.networks.tasks.checks import checks_of
from demos.networks.tasks.config import TasksConfig
from demos.networks.tasks.data import BLANK, LENGTH, batch_of, orders, task_of
from demos.networks.tasks.models import build
from demos.networks.tasks.train import train

CNN = {"kind": "cnn", "lr": 0.008, "blocks": 3}


def test_what_is_due_at_the_blanks_is_what_stands_before_them():
    task = task_of(TasksConfig(steps=40, batch=8))
    assert (task.x[:, LENGTH:] == BLANK).all() and (task.x[:, :LENGTH] == task.y).all()


def test_an_epoch_has_every_image_once():
    config = TasksConfig(**CNN, steps=40, batch=128)
    task, order = task_of(config), orders(config)
    seen = np.concatenate([batch_of(config, task, step, order)[0].flatten(1).numpy() for step in range(4)])
    assert sorted(map(bytes, seen)) == sorted(map(bytes, task.x.flatten(1).numpy()))


@pytest.mark.parametrize("changes", [{"blocks": 3}, CNN], ids=["transformer", "cnn"])
def test_networks_in_numpy_are_those_of_torch(changes):
    config = TasksConfig(**changes, width=8, steps=40, batch=8)
    task = task_of(config)
    for variant in config.variants:
        model = build(config, variant).double()
        names, values = zip(*model.named_parameters(), strict=True)
        vector = np.concatenate([v.detach().numpy().ravel() for v in values])
        own = again.split(list(names), [tuple(v.shape) for v in values], vector)
        x = task.fresh_x if config.kind == "transformer" else task.fresh_x.double()
        wanted = model(x).detach().numpy()
        np.testing.assert_allclose(again.logits(config, variant, own, x.numpy()), wanted, rtol=1e-9, atol=1e-12)


def test_another_architecture_brings_its_usual_settings():
    config, refused = TasksConfig.read({"kind": "cnn"})
    assert (config.lr, config.blocks, refused) == (0.008, 14, ())


def test_bad_settings_are_refused_in_a_sentence():
    with pytest.raises(ValueError, match="multiple of 4"):
        TasksConfig(width=10)
    with pytest.raises(ValueError, match="fewer steps"):
        TasksConfig(steps=1_000, blocks=16, batch=128, width=64)


def test_time_of_checks_counts_in_what_is_allowed():
    """40 steps at the largest width and batch are short; their 29 batches and 12 looks in NumPy are not."""
    with pytest.raises(ValueError, match="fewer steps"):
        TasksConfig(steps=40, blocks=8, batch=128, width=64)


def test_what_is_no_number_or_drawn_elsewhere_is_noticed():
    """Nan in one look, in one loss, and one gradient of a step that is not looked at."""
    config = TasksConfig(**CNN, width=8, steps=80, batch=8)
    trained = train(config, "skips")
    assert not {State.DIFFERS} & {row.state for row in checks_of(config, "skips", trained)}
    looks = list(trained.looks)
    looks[4] = replace(looks[4], said=np.full_like(looks[4].said, np.nan))
    losses = trained.losses.copy()
    losses[looks[2].step] = np.nan
    gradient = trained.run.series["gradient"].copy()
    gradient[1, trained.matrices[1]] *= 1.01
    assert 1 not in {look.row for look in looks}
    run = replace(trained.run, series={**trained.run.series, "gradient": gradient})
    for changes in ({"looks": looks}, {"losses": losses}, {"run": run}):
        rows = checks_of(config, "skips", replace(trained, **changes))
        assert State.DIFFERS in {row.state for row in rows}
