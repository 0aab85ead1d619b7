"""Sweeps: what the table holds, what is done again, what ends a sweep and what does not."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from demos import sweep
from demos.registry import demos
from demos.sweeps import processes
from demos.sweeps.table import Table
from tests.sweeps.tiny import TINY

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def threads():
    with ThreadPoolExecutor(2) as executor:
        yield executor


def ran(folder):
    """The seeds of the runs that were made, each as often as it was."""
    return sorted(int(name.partition("-")[0]) for name in os.listdir(folder))


def test_one_row_for_each_check_of_each_run(threads):
    frame = sweep(TINY, {"x": [1.0, 2.0], "seed": range(3)}, fixed={"beside": ("a", "b")}, executor=threads)
    assert list(frame["run"]) == [run for run in range(6) for _ in range(2)]
    assert list(frame["x"]) == 6 * [1.0] + 6 * [2.0] and list(frame["seed"][:6]) == [0, 0, 1, 1, 2, 2]
    assert set(frame["beside"]) == {"a,b"} and list(frame["check"][:2]) == ["x", "seed"]
    assert list(frame["state"][frame["check"] == "x"]) == 3 * ["agrees"] + 3 * ["differs"]
    row = frame.iloc[6]
    assert (row["verdict"], row["headline"], row["difference"], row["allowed"]) == ("differs", "x is 2.0.", 1.0, 0.0)
    assert frame["truth"].isna().sum() == 6 and frame.attrs["demo"] == "tiny"


def test_runs_that_fail_are_recorded(threads):
    frame = sweep(TINY, {"kind": ["fine", "raises"], "x": [1.0, 60.0]}, fixed={"seed": 3}, executor=threads)
    errors = frame.drop_duplicates("run").set_index(["kind", "x"])["error"]
    assert errors[("raises", 1.0)] == "TypeError: It does not run."
    assert errors[("fine", 60.0)] == errors[("raises", 60.0)] == "x and seed do not go together."
    assert list(frame["verdict"]) == ["agrees", "agrees", "failed", "failed", "failed"]


def test_only_what_is_missing_is_run(threads, tmp_path):
    """After an interruption, after failures, and where more is asked for."""
    out, made = tmp_path / "runs.parquet", tmp_path / "made"
    made.mkdir()

    def interrupt(there, total, failed):
        if there >= 2:
            raise KeyboardInterrupt

    plan = {"vary": {"seed": range(4)}, "fixed": {"folder": str(made)}, "executor": threads, "out": out}
    with pytest.raises(KeyboardInterrupt):
        sweep(TINY, **plan, report=interrupt)
    kept = pd.read_parquet(out)["seed"].unique()
    assert 2 <= len(kept) <= 4
    done = ran(made)
    whole = sweep(TINY, **plan)
    assert ran(made) == sorted([*done, *set(range(4)) - set(kept)])
    pd.testing.assert_frame_equal(pd.read_parquet(out), whole)
    more = sweep(TINY, **plan | {"vary": {"seed": [7, *range(4)]}})
    assert ran(made)[-1] == 7 and len(ran(made)) == len(done) + 4 - len(kept) + 1
    assert list(more["seed"][::2]) == [7, 0, 1, 2, 3]  # in the order of what is asked for now


def test_what_failed_is_run_again(threads, tmp_path):
    out, made = tmp_path / "runs.parquet", tmp_path / "made"
    made.mkdir()
    plan = {"vary": {"kind": ["fine", "raises"]}, "fixed": {"folder": str(made)}, "executor": threads, "out": out}
    sweep(TINY, **plan)
    frame = sweep(TINY, **plan)
    assert len(ran(made)) == 3 and list(frame["verdict"]) == ["agrees", "agrees", "failed"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"fixed": {"x": 2.0}}, "x = 1.0 in place of 2.0"),
        ({"vary": {"seed": [1, 2]}}, "seed = 0"),
        ({"demo": "film", "vary": {"separation": [1.0]}}, "a sweep of tiny"),
        ({}, "version"),
    ],
)
def test_another_sweep_is_refused(change, says, threads, tmp_path, monkeypatch):
    plan = {"demo": TINY, "vary": {"seed": [0, 1]}, "executor": threads, "out": tmp_path / "runs.parquet"}
    sweep(**plan)
    before = plan["out"].read_bytes()
    if not change:
        monkeypatch.setattr("demos.sweeps.table.version", lambda: "0.0")
    with pytest.raises(ValueError, match=says) as refused:
        sweep(**plan | change)
    assert "\n" not in str(refused.value) and plan["out"].read_bytes() == before


def test_files_that_will_not_do(threads, tmp_path):
    (tmp_path / "text.parquet").write_text("no table")
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "other.parquet")
    (tmp_path / "folder.parquet").mkdir()
    for name, says in {
        "text.parquet": "no table",
        "other.parquet": "something else",
        "folder.parquet": "folder",
        "nowhere/a.parquet": "no folder",
        "a.csv": "parquet",
    }.items():
        with pytest.raises(ValueError, match=says):
            sweep(TINY, {"seed": [0]}, out=tmp_path / name, executor=threads)
    assert (tmp_path / "text.parquet").read_text() == "no table"


@pytest.mark.parametrize(
    ("vary", "fixed"),
    [
        ({}, {}),
        ({"seed": []}, {}),
        ({"speed": [1]}, {}),
        ({"seed": [1, 1]}, {}),
        ({"seed": [1.5]}, {}),
        ({"x": [float("nan")]}, {}),
        ({"seed": range(10**9)}, {}),
        ({"seed": [1]}, {"seed": 2}),
        ({"seed": [1]}, {"x": 0.1}),
        (["seed"], {}),
        ({"seed": 5}, {}),
        ({"kind": "fine"}, {}),
        ({"seed": (n for n in range(3))}, {}),
    ],
)
def test_values_that_will_not_do(vary, fixed):
    with pytest.raises(ValueError) as refused:
        sweep(TINY, vary, fixed=fixed)
    assert str(refused.value).endswith(".") and "\n" not in str(refused.value)


@pytest.mark.parametrize("workers", [0, -1, 2.0, "4"])
def test_workers_that_will_not_do(workers):
    with pytest.raises(ValueError, match="workers = "):
        sweep(TINY, {"seed": [1]}, workers=workers)


def test_a_process_that_dies_ends_its_own_run_only():
    """Those beside it are made again."""
    frame = sweep(TINY, {"kind": ["dies", "fine"], "x": [1.0]}, workers=2)
    runs = frame.drop_duplicates("run")
    assert list(runs["verdict"]) == ["failed", "agrees"] and "died" in runs["error"].iloc[0]


def test_the_death_of_the_process_that_starts_the_others_is_as_theirs(monkeypatch):
    """It dies while the first process is awaited: the sweep does not begin, and says why in one sentence."""

    def submit(*_):
        raise EOFError("unexpected EOF")

    monkeypatch.setattr(processes.ProcessPoolExecutor, "submit", submit)
    with pytest.raises(RuntimeError, match="too little memory"):
        sweep(TINY, {"kind": ["fine"], "x": [1.0]}, workers=1)


SCRIPT = """
import sys
from demos import sweep
from tests.sweeps.tiny import TINY
if __name__ == "__main__":
    tell = lambda *counts: print(*counts, flush=True)
    sweep(TINY, {"kind": ["fine", "sleeps"]}, workers=2, out=sys.argv[1], report=tell)
"""


def test_ctrl_c_ends_a_sweep_and_keeps_what_is_done(tmp_path):
    """A terminal sends it to all processes: none outlives it, and the run of ten minutes is not waited for."""
    script, out = tmp_path / "script.py", tmp_path / "runs.parquet"
    script.write_text(SCRIPT)
    process = subprocess.Popen(
        [sys.executable, script, out],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # a shell's background jobs ignore it
    )
    assert process.stdout is not None
    assert [process.stdout.readline() for _ in range(2)] == ["0 2 0\n", "1 2 0\n"]
    os.killpg(process.pid, signal.SIGINT)
    printed = process.communicate(timeout=120)[1]  # it ends when all of the group have closed their streams
    assert process.returncode != 0 and printed.count("Traceback") == 1 and "KeyboardInterrupt" in printed
    assert list(pd.read_parquet(out)["kind"].unique()) == ["fine"]


@pytest.mark.parametrize("demo", demos().values(), ids=demos())
def test_every_demo_can_be_swept(demo):
    """Its run is found by name in another process, and no column of the table has the name of a field."""
    assert pickle.loads(pickle.dumps(demo.run)) is demo.run
    columns = list(Table(demo, (), None).frame())
    assert len(set(columns)) == len(columns)
