"""Tests of `python -m demos`: negative values, what is printed, and the exit status."""

from __future__ import annotations

import dataclasses
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from demos.__main__ import main
from demos.command_line import arguments
from demos.command_line.arguments import joined
from demos.contract import Check, Family
from demos.diffusion.samplers import SAMPLERS
from demos.registry import family

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (["langevin", "--x0", "-1e-3"], ["langevin", "--x0=-1e-3"]),
        (["langevin", "--formula", "-exp(-x**2)", "--seed", "3"], ["langevin", "--formula=-exp(-x**2)", "--seed", "3"]),
        (["langevin", "--formula", "--(x)**2"], ["langevin", "--formula=--(x)**2"]),
        (["langevin", "--x0=1", "--y0", "-.5"], ["langevin", "--x0=1", "--y0=-.5"]),
        (
            ["langevin", "--step", "--seed", "3"],
            ["langevin", "--step", "--seed", "3"],
        ),  # argparse itself reports what is wrong
        (["langevin", "--step", "-h"], ["langevin", "--step", "-h"]),
    ],
)
def test_values_that_begin_with_a_minus_go_with_their_flag(given, read):
    assert joined(given) == read


def test_a_run_whose_checks_agree(capsys):
    assert main(["langevin", "--x0", "-1e-3", "--steps", "20", "--particles", "50"]) == 0
    out = capsys.readouterr().out
    assert "agrees" in out and out.startswith("python -m demos langevin ")


def test_a_formula_that_begins_with_a_minus(capsys):
    """The formula and the negative starting point are read as values, not as flags."""
    words = ["--potential", "formula", "--formula", "-exp(-x**2-y**2)+0.1*x**2+0.1*y**2", "--steps", "60"]
    assert main(["langevin", *words, "--particles", "400", "--x0", "-0.5", "--y0", "-0.25"]) == 0
    assert "agrees" in capsys.readouterr().out


def test_a_run_that_differs_as_predicted_does_not_exit_with_0(capsys):
    """Every particle leaves the box, as this step size predicts: that is "differs as predicted" (4), not 0."""
    assert main(["langevin", "--method", "euler", "--step", "5", "--steps", "60", "--particles", "20"]) == 4
    out = capsys.readouterr().out
    assert "100 %" in out


def test_a_bad_value_is_refused_in_a_sentence(capsys):
    assert main(["langevin", "--step", "-1"]) == 2
    assert main(["langevin", "--step"]) == 2
    assert capsys.readouterr().err.count("\n") == 2


def test_a_system_has_flags_of_its_own(capsys):
    assert main(["energy", "--system", "thomson", "--count", "4"]) == 0
    assert "3.674234614" in capsys.readouterr().out  # the energy of a tetrahedron of charges
    assert main(["energy", "--system", "thomson", "--separation", "1.2"]) == 2
    assert "--system film" in capsys.readouterr().err


def test_a_scene_brings_its_system(capsys):
    assert main(["energy", "--scene", "thomson_12", "--seed", "1"]) == 0
    assert "49.165253" in capsys.readouterr().out
    assert main(["energy", "--system", "film", "--scene", "thomson_12"]) == 2
    assert "thomson_12 is not a scene of film" in capsys.readouterr().err


def test_flags_that_choose_other_flags_cannot_be_abbreviated(capsys):
    assert main(["energy", "--sys", "thomson"]) == 2 and "--system?" in capsys.readouterr().err
    assert main(["energy", "--scen", "thomson_12"]) == 2 and "--scene?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "Choose a demo"),
        (["lagevin"], "python -m demos langevin?"),
        (["bias"], "python -m demos langevin --scene bias"),
        (["film"], "python -m demos energy --system film"),
        (["langevin", "bias"], "Write --scene bias."),
        (["langevin", "biass"], "--scene bias?"),
        (["langevin", "--scene", "bais"], "--scene bias?"),
        (["langevin", "--potental", "harmonic"], "--potential?"),
        (["langevin", "--method", "eular"], "Did you mean euler?"),
        (["langevin", "--compare", "eular,heun"], "Did you mean euler?"),
        (["langevin", "--step", "0.1", "--temprature=2"], "--temperature?"),
        (["energy", "thomson"], "Write --system thomson."),
        (["energy", "--system", "filmm"], "Did you mean film?"),
        (["energy", "--separation", "1.2"], "--system film"),
        (["langevin", "--formula", "x**2+", "--potential", "formula"], "At character"),
        (["langevin", "--temperature"], "--temperature needs a value."),
        (["energy", "--system"], "--system needs a value."),
        (["langevin", "--seed", "1.5"], "0 to 2,147,483,647"),
        (["langevin", "--html", "out.txt"], "must end in .html"),
        (["methods", "leimkuler_mathews"], "Did you mean leimkuhler_matthews?"),
        (["methods", "VRV"], "'VRV' lacks O"),
        (["methods", "euler", "heun"], "heun is one argument too many for methods."),
        (["scenes", "langevim"], "langevin?"),
    ],
)
def test_misspelt_names_get_a_suggestion(words, says, capsys):
    """Refusals are one sentence on standard error, without the usage text; the exit status is 2."""
    assert main(words) == 2
    captured = capsys.readouterr()
    assert says in captured.err and not captured.out and "usage" not in captured.err


def test_a_flag_needs_no_value(capsys):
    words = ["langevin", "--particles", "50", "--steps", "20", "--temperature", "1"]  # so hot that escapes are short
    main([*words, "--escape"])
    first = capsys.readouterr().out
    assert "mean time to reach" in first and first.splitlines()[0].endswith("--escape")
    main([*words, "--escape", "true"])
    assert capsys.readouterr().out == first
    main([*words, "--escape", "--seed", "3"])
    assert "--seed 3 --escape" in capsys.readouterr().out
    main([*words, "--escape", "false"])
    assert "mean time to reach" not in capsys.readouterr().out


def test_the_printed_command_repeats_the_run(capsys):
    """The printed command repeats the run. The settings that were not given are printed too, with adapted values."""
    main(["langevin", "--potential", "formula", "--formula", "(x^2-2)^2+y^2", "--steps", "20", "--particles", "50"])
    first = capsys.readouterr().out
    command = first.splitlines()[0]
    assert all(part in first for part in ("--temperature 1.0", "--step ", "--seed 0"))
    main(shlex.split(command)[3:])
    assert capsys.readouterr().out == first


@pytest.mark.parametrize(
    ("check", "status"),
    [
        (Check("x", 1.0, 1.0, uncertainty=0.1), 0),
        (Check("x", 2.0, 1.0, uncertainty=0.1), 1),
        (Check("x", 2.0, None, why="Nobody knows."), 3),
        (Check("x", 2.0, 1.0, uncertainty=0.1, incomparable="It moves."), 3),
        (Check("x", 2.0, 1.0, uncertainty=0.1, predicted=2.0), 4),
    ],
)
def test_exit_status(check, status, monkeypatch, capsys):
    """Exit status of a verdict: 0 agrees, 1 differs, 3 not comparable or no truth, 4 differs as predicted."""
    demo = family("langevin").default

    def run(config, progress=None):
        ran = demo.run(config.replace(particles=1, steps=1))
        return dataclasses.replace(ran, checks=(check,), headline="This is the verdict.", warnings=(), notes=())

    fake = Family.of(dataclasses.replace(demo, run=run))
    monkeypatch.setattr(arguments, "family", lambda name: fake)
    assert main(["langevin"]) == status
    assert "This is the verdict." in capsys.readouterr().out


def test_lists_and_version(capsys):
    assert main(["list"]) == main(["scenes", "langevin"]) == main(["methods"]) == 0
    out = capsys.readouterr().out
    assert "diffusion" in out and "--scene bias" in out and "leimkuhler_matthews" in out
    with pytest.raises(SystemExit) as done:
        main(["--version"])
    assert done.value.code == 0 and re.search(r"gradient-flow-lab \d", capsys.readouterr().out)


def test_a_splitting_word_has_a_page(capsys):
    assert main(["methods", "ORVRO"]) == 0
    assert "Leimkuhler & Matthews" in capsys.readouterr().out


def test_help_lists_limits_units_choices_and_defaults(capsys):
    with pytest.raises(SystemExit):
        main(["diffusion", "--help"])
    out = " ".join(capsys.readouterr().out.split())
    for part in (
        f"From 0.1 to 200 {family('diffusion').default.config.controls()['sigma_max'].unit}. Default: 10.",
        "One of: heun, ",
        "Default: heun.",
        "--trails [true|false]",
        "Default: true.",
        "From 16 to 4,000. Default: 2000.",
        "At most 2 of: ",
        "exit status: 0 agrees",
    ):
        assert part in out.replace("One of: " + ", ".join(SAMPLERS), "One of: heun, "), part
    assert all(f"{scene.name} " in out and scene.title in out for scene in family("diffusion").scenes)


@pytest.mark.parametrize(
    ("words", "there", "absent"),
    [
        (["energy", "--help"], "cluster, thomson, film, phase, condensate, chain, column, spins, ritz", "--separation"),
        (["energy", "--system", "film", "--help"], "--separation", "--count"),
        (["energy", "--system=film", "--help"], "--separation", "--count"),
        (["energy", "--scene", "film_snaps", "--help"], "--separation", "--count"),
    ],
)
def test_help_lists_the_systems_and_the_flags_of_one(words, there, absent, capsys):
    with pytest.raises(SystemExit) as done:
        main(words)
    out = " ".join(capsys.readouterr().out.split())
    assert done.value.code == 0 and there in out and absent not in out


def test_a_terminal_without_greek_gets_question_marks(monkeypatch):
    import io
    import sys

    terminal = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", terminal)
    main(["langevin", "--steps", "20", "--particles", "50"])
    terminal.flush()
    assert b"?" in terminal.buffer.getvalue() and b"python -m demos langevin" in terminal.buffer.getvalue()


def test_a_reader_that_leaves_first_sees_no_traceback():
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "demos", "list"]
    try:
        done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    finally:
        os.close(write)
    assert done.returncode == 141 and done.stderr == ""
