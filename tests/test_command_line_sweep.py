"""Tests of `python -m demos sweep`: the values of --vary, what is refused, what is printed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

from demos.__main__ import main
from demos.command_line.vary import varied
from demos.registry import demo


class Threads(ThreadPoolExecutor):
    """Run the configs of a sweep in this process: worker processes would import torch again."""

    def __init__(self, workers, module):
        super().__init__(workers)

    def close(self):
        self.shutdown(cancel_futures=True)


@pytest.fixture(autouse=True)
def threads(monkeypatch):
    monkeypatch.setattr("demos.sweeps.sweeping.Processes", Threads)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("seed=0:4", [0, 1, 2, 3]),
        ("seed=3,1,7", [3, 1, 7]),
        ("step=0.001:0.1:3:log", [0.001, pytest.approx(0.01), 0.1]),
        ("step=0.1:0.3:3", [0.1, pytest.approx(0.2), 0.3]),
        ("step=0.1", [0.1]),
        ("x0=-1:1:3", [-1.0, 0.0, 1.0]),
        ("steps=10:1000:3:log", [10, 100, 1000]),
        ("steps=1:3:20", [1, 2, 3]),
        ("method=euler,mala", ["euler", "mala"]),
        ("law=true,false", [True, False]),
        ("leapfrog-steps=1:3", [1, 2]),
    ],
)
def test_values_of_a_setting(text, values):
    ((found),) = varied(demo("langevin"), [text]).values()
    assert list(found) == values


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        ([], "at least one"),
        (["step"], "names no values"),
        (["step="], "names no values"),
        (["stepp=0.1:0.2:3"], "Did you mean step?"),
        (["panel=cloud"], "not a setting"),
        (["step=0.1:20:5"], "1e-06 to 10"),
        (["step=0.1,20"], "1e-06 to 10"),
        (["step=nan:0.1:5"], "'nan' is not a number"),
        (["step=a:0.1:5"], "'a' is not a number"),
        (["step=a"], "not a number"),
        (["step=0.1:0.01:5"], "low end"),
        (["step=0.01:0.1"], "how many"),
        (["step=0.01:0.1:1.5"], "count"),
        (["step=0.01:0.1:1"], "count"),
        (["step=0.01:0.1:5:lin"], "LOW:HIGH:COUNT:log"),
        (["x0=-1:1:5:log"], "above 0"),
        (["seed=0:0"], "no value"),
        (["seed=0:1000000000"], "1,000,000,000 runs"),
        (["step=0.01:0.1:1000000000"], "1,000,000,000 runs"),
        (["seed=0:1000", "step=0.01:0.1:1000"], "1,000,000 runs"),
        (["seed=0:2", "seed=3"], "twice"),
        (["formula=x,y"], "text"),
        (["compare=euler,mala"], "list"),
        (["method=euler,malla"], "not one of"),
    ],
)
def test_bad_values_are_refused(texts, says, capsys, tmp_path):
    words = [word for text in texts for word in ("--vary", text)]
    assert main(["sweep", "langevin", *words, "--out", str(tmp_path / "out.parquet")]) == 2
    error = capsys.readouterr().err
    assert says in error and error.count("\n") == 1 and not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--vary", "seed=0:2"], "--out"),
        (["--vary", "seed=0:2", "--out", "sweep.csv"], ".parquet"),
        (["--vary", "seed=0:2", "--out", "nowhere/sweep.parquet"], "no folder"),
        (["--vary", "seed=0:2", "--out", "sweep.parquet", "--seed", "3"], "varied, and fixed"),
        (["--vary", "seed=0:2", "--out", "sweep.parquet", "--step", "20"], "out of range"),
        (["--vary", "seed=0:2", "--out", "sweep.parquet", "--method", "eular"], "Did you mean euler?"),
        (["--vary", "seed=0:2", "--out", "sweep.parquet", "--workers", "0"], "--workers 0"),
        (["--vary", "seed=0:2", "--out", "sweep.parquet", "--scene", "bais"], "--scene bias?"),
        (["--vary", "seed=0:2", "--out", "sweep.parquet", "--scheduler", "nope"], "tcp://host:8786"),
    ],
)
def test_other_bad_arguments_are_refused(words, says, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["sweep", "langevin", *words]) == 2
    error = capsys.readouterr().err
    assert says in error and error.count("\n") == 1 and not list(tmp_path.iterdir())


def test_an_interrupted_sweep_is_continued(capsys, tmp_path):
    out = tmp_path / "film.parquet"
    words = ["sweep", "energy", "--system", "film", "--duration", "0.1", "--out", str(out)]
    assert main([*words, "--vary", "separation=1,1.2"]) == 0
    capsys.readouterr()
    assert main([*words, "--vary", "separation=1,1.2,1.4"]) == 0
    assert "3 runs of film" in capsys.readouterr().out
    frame = pd.read_parquet(out)
    assert sorted(frame["separation"].unique()) == [1.0, 1.2, 1.4] and set(frame["duration"]) == {0.1}
    assert main([*words[:-1], str(out), "--vary", "separation=1,1.2"]) == 2
    assert "separation = 1.4" in capsys.readouterr().err


def test_a_scene_is_the_base_and_settings_that_do_not_go_together_fail(capsys, tmp_path):
    out = tmp_path / "bias.parquet"
    words = ["sweep", "langevin", "--scene", "bias", "--compare", "", "--steps", "20", "--out", str(out)]
    assert main([*words, "--vary", "particles=50,20000", "--vary", "steps=20,100000"]) == 2  # steps is fixed
    words = ["sweep", "langevin", "--scene", "bias", "--compare", "", "--particles", "50", "--out", str(out)]
    assert main([*words, "--vary", "start=point,box", "--vary", "x0=0,100", "--steps", "20"]) == 1
    printed = capsys.readouterr().out
    frame = pd.read_parquet(out).drop_duplicates("run")
    assert set(frame["potential"]) == {"harmonic"} and list(frame["verdict"] == "failed") == [False, True, False, False]
    assert "outside the box" in printed and "1 failed" in printed


def test_settings_that_only_the_varied_ones_make_possible(tmp_path):
    """A start at the point x = 50 is refused, as outside the box; a start spread over the box does not use x0."""
    words = ["--x0", "50", "--particles", "20", "--steps", "5", "--out", str(tmp_path / "out.parquet")]
    assert main(["langevin", *words[:-2]]) == 2
    assert main(["sweep", "langevin", *words, "--vary", "start=box"]) == 0


def test_a_full_disk_ends_a_sweep(capsys, tmp_path, monkeypatch):
    def full(*arguments, **named):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_parquet", full)
    words = ["--vary", "seed=0:2", "--particles", "20", "--steps", "5", "--out", str(tmp_path / "out.parquet")]
    assert main(["sweep", "langevin", *words]) == 5
    error = capsys.readouterr().err
    assert "no space left" in error and error.count("\n") == 1 and not list(tmp_path.iterdir())


def test_a_scheduler_that_does_not_answer(capsys, tmp_path, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr("demos.command_line.sweep.PATIENCE", 1)
    words = ["--vary", "seed=0:2", "--out", str(tmp_path / "out.parquet"), "--scheduler", "tcp://127.0.0.1:1"]
    assert main(["sweep", "langevin", *words]) == 2
    assert "127.0.0.1:1" in capsys.readouterr().err
