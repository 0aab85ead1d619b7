"""A sweep on a Dask cluster of two workers, one of which is killed midway."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep

import pandas as pd
import pytest

from demos import sweep
from demos.__main__ import main
from tests.sweeps.tiny import TINY

distributed = pytest.importorskip("distributed", reason="Dask is not installed")

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def cluster(tmp_path):
    """The address of a scheduler, on this machine alone, with two workers of one thread each."""
    where = ["--scheduler-file", str(tmp_path / "scheduler.json"), "--no-dashboard"]
    one = ["--nthreads", "1", "--no-nanny", "--local-directory", str(tmp_path), *where]
    host = ["--host", "127.0.0.1"]
    commands = [["scheduler", "--port", "0", *host, *where], *(2 * [["worker", *host, *one]])]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    processes = [
        subprocess.Popen([sys.executable, "-m", "dask", *words], env=environment, stderr=subprocess.DEVNULL)
        for words in commands
    ]
    try:
        with distributed.Client(scheduler_file=where[1], timeout=120, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=120)
            yield client
    finally:
        for process in processes:
            process.kill()
            process.wait()


def test_a_worker_that_is_killed_loses_nothing(cluster, tmp_path, capsys):
    """Its run is made by the other one."""
    folder = tmp_path / "made"
    folder.mkdir()
    plan = {"vary": {"seed": range(6)}, "fixed": {"kind": "waits", "folder": str(folder)}}

    def made():
        return [name.split("-")[:2] for name in os.listdir(folder)]

    with ThreadPoolExecutor(1) as aside, cluster.get_executor(pure=False) as executor:
        running = aside.submit(sweep, TINY, **plan, executor=executor)
        while len(made()) < 2 and not running.done():
            sleep(0.02)
        (lost, victim), *_ = made()
        os.kill(int(victim), signal.SIGKILL)
        (folder / "go").touch()
        frame = running.result()
    assert list(frame["seed"].unique()) == list(range(6)) and set(frame["verdict"]) == {"agrees"}
    (folder / "go").unlink()
    assert {pid for seed, pid in made() if seed == lost} > {victim} and len({pid for _, pid in made()}) == 2
    out = tmp_path / "out.parquet"
    words = ["--vary", "seed=0:2", "--particles", "20", "--steps", "5", "--out", str(out)]
    assert main(["sweep", "langevin", *words, "--scheduler", cluster.scheduler.address]) == 0
    assert list(pd.read_parquet(out)["seed"].unique()) == [0, 1]
