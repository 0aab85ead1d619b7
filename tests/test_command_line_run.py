"""Tests of `python -m demos run`: what it prints about its settings, and the files that it writes."""

from __future__ import annotations

import json
import os
import shlex

import pytest

from demos.__main__ import COMMANDS, main, shell
from demos.command_line.arguments import parse
from demos.contract import Check
from demos.contract.origin import Origin, origins
from demos.contract.record import row_of
from demos.registry import demo, families

FEW = ["langevin", "--particles", "50", "--steps", "20"]


def test_the_origin_of_each_setting():
    """The printed origin of each setting: given, adapted to a given one, from a scene, default, or without effect."""
    langevin = demo("langevin")
    config, _ = langevin.config.read({"potential": "muller_brown", "step": 2e-4})
    found = origins(config, {"potential": "muller_brown", "step": "2e-4"})
    assert found["potential"].kind == found["step"].kind == "given"
    assert found["temperature"] == found["x0"] == Origin("adapted", ("potential",))
    assert found["steps"].kind == "default"
    bias = next(scene.config for scene in langevin.scenes if scene.name == "bias")
    config, _ = langevin.config.read({"temperature": 0.3}, bias)
    found = origins(config, {"temperature": 0.3}, bias)
    assert found["potential"].kind == "scene" and found["seed"].kind == "default"
    assert "adapted" not in {origin.kind for origin in found.values()}
    film, _ = demo("film").config.read({"method": "lbfgs"})
    assert origins(film, {"method": "lbfgs"})["tolerance"].kind == "unused"


def test_every_setting_is_printed_with_where_it_comes_from(capsys):
    main([*FEW, "--potential", "muller_brown", "--temperature", "20"])
    lines = capsys.readouterr().out.splitlines()
    heads = {head: text for head, _, text in (line.partition(": ") for line in lines)}
    assert "--temperature 20.0" in heads["given"] and "--step 0.0001" in heads["with --potential"] and heads["why"]
    printed = " ".join(lines)
    assert all(f"--{name.replace('_', '-')}" in printed for name in demo("langevin").config.controls())


def test_the_table_has_measured_exact_predicted_difference_and_allowed(capsys):
    main(FEW)
    lines = capsys.readouterr().out.splitlines()
    (head,) = [line for line in lines if line.split()[:1] == ["measured"]]
    assert head.split() == ["measured", "exact", "predicted", "difference", "allowed"]


def refuse(name):
    raise AssertionError(f"{name} is no JSON.")


def test_json_on_standard_output_and_in_a_file(capsys, tmp_path):
    """Standard output holds the whole result and nothing else; a file holds the same."""
    status = main(["run", *FEW, "--potential", "muller_brown", "--json", "-"])
    captured = capsys.readouterr()
    found = json.loads(captured.out, parse_constant=refuse)
    assert not captured.err and found["exit_status"] == status and found["state"] in ("agrees", "differs as predicted")
    config, refused = demo("langevin").config.read(found["config"])
    assert (
        not refused
        and config.potential == "muller_brown"
        and set(found["given"]) == {"particles", "steps", "potential"}
    )
    assert found["adapted"]["temperature"] == ["potential"] and found["version"]
    assert all(
        {"measured", "truth", "predicted", "difference", "allowed", "state"} <= set(row) for row in found["checks"]
    )
    assert parse(shlex.split(found["command"])[3:], COMMANDS).config() == config
    main([*FEW, "--potential", "muller_brown", "--json", str(tmp_path / "out.json")])
    assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8")) == {**found, "command": found["command"]}


def test_numbers_that_are_not_finite_are_null():
    check = Check("x", float("nan"), float("inf"), predicted=1.0)
    row = json.loads(json.dumps(row_of(check), allow_nan=False))
    assert (row["measured"], row["truth"], row["predicted"], row["state"]) == (None, None, 1.0, "differs")


def test_files_are_written(capsys, tmp_path):
    names = {"--npz": "a.npz", "--csv": "b.csv", "--py": "c.py", "--ipynb": "d.ipynb", "--html": "e.html"}
    flags = [word for flag, name in names.items() for word in (flag, str(tmp_path / name))]
    main([*FEW, *flags])
    there = set(os.listdir(tmp_path))
    assert there >= {"a.npz", "b-checks.csv", "c.py", "d.ipynb", "e.html"}
    assert all(str(tmp_path / name) in capsys.readouterr().out for name in ["a.npz"])


@pytest.mark.parametrize(
    ("flag", "path", "says"),
    [
        ("--html", "out.htm", ".html"),
        ("--npz", "there.npz", "folder"),
        ("--npz", "nowhere/out.npz", "no folder"),
        ("--json", "there.npz", "folder"),
        ("--json", "nowhere/out.json", "no folder"),
    ],
)
def test_a_bad_path_is_refused_before_the_run(flag, path, says, capsys, tmp_path, monkeypatch):
    (tmp_path / "there.npz").mkdir()
    monkeypatch.setattr("demos.command_line.run.bar", None)  # the run would need it
    assert main(["langevin", flag, str(tmp_path / path)]) == 2
    error = capsys.readouterr().err
    assert says in error and error.count("\n") == 1


def test_a_full_disk(capsys, tmp_path, monkeypatch):
    """The error is reported before the run where no temporary file can be written, and after it where the output file
    cannot be written."""
    assert main([*FEW, "--json", "/dev/full"]) == 5
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1 and "measured" in captured.out

    def full(**named):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", full)
    assert main([*FEW, "--npz", str(tmp_path / "out.npz")]) == 2 and "no space" in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_no_flag_of_a_command_has_the_name_of_a_setting(command, capsys):
    """argparse raises an error for two flags of the same name; tried for every member of every family."""
    for family in families().values():
        for name in family.members:
            words = [
                command.name,
                family.name,
                *([f"--{family.parameter}", name] if family.parameter else []),
                "--help",
            ]
            with pytest.raises(SystemExit) as done:
                main(words)
            assert done.value.code == 0
            out = capsys.readouterr().out
            assert all(flag in out for flag in command.flags)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["run"], "needs a demo"),
        (["sweep"], "needs a demo"),
        (["run", "bias"], "run langevin --scene bias"),
        (["sweep", "film"], "sweep energy --system film"),
        (["run", "langevin", "--steps", "20", "--jsn", "-"], "--json?"),
        (["scenes", "nothing"], "langevin"),
        (["list", "langevin"], "langevin"),
        (["stochastic", "--panel", "clod"], "cloud?"),
    ],
)
def test_incomplete_commands(words, says, capsys):
    assert main(words) == 2
    captured = capsys.readouterr()
    assert says in captured.err and captured.err.count("\n") == 1 and not captured.out


def test_an_unexpected_exception_has_an_exit_status_of_its_own(monkeypatch, capsys):
    def broken(*_):
        raise RuntimeError("the lamp is out")

    monkeypatch.setattr("demos.__main__.main", broken)
    assert shell() == 70
    assert "the lamp is out" in (said := capsys.readouterr().err) and "Traceback" not in said
