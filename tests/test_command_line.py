"""The demos from a shell: values of every sign, what is printed, and the exit status."""

from __future__ import annotations

import pytest

from demos.__main__ import joined, main


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
        ),  # argparse then tells what is amiss
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
    """Its start stands where it is told, and the run is made."""
    words = ["--potential", "formula", "--formula", "-exp(-x**2-y**2)+0.1*x**2+0.1*y**2", "--steps", "60"]
    assert main(["langevin", *words, "--particles", "400", "--x0", "-0.5", "--y0", "-0.25"]) == 0
    assert "agrees" in capsys.readouterr().out


def test_nothing_is_no_agreement(capsys):
    """Every particle runs away: off the truth, as this step predicts, is not what 0 says."""
    assert main(["langevin", "--method", "euler", "--step", "5", "--steps", "60", "--particles", "20"]) == 4
    out = capsys.readouterr().out
    assert "Diverged at step" in out and "Too large a step: 100 % of the particles are lost, as predicted" in out


def test_a_bad_value_is_told_in_a_sentence(capsys):
    assert main(["langevin", "--step", "-1"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    with pytest.raises(SystemExit) as refused:
        main(["langevin", "--step"])
    assert refused.value.code == 2


def test_a_system_has_flags_of_its_own(capsys):
    assert main(["energy", "--system", "thomson", "--count", "4"]) == 0
    assert "defect charge" in capsys.readouterr().out
    with pytest.raises(SystemExit) as refused:
        main(["energy", "--system", "thomson", "--separation", "1.2"])
    assert refused.value.code == 2


def test_a_scene_brings_its_system(capsys):
    assert main(["energy", "--scene", "thomson_12", "--seed", "1"]) == 0
    assert "defect charge" in capsys.readouterr().out
    with pytest.raises(SystemExit) as refused:
        main(["energy", "--system", "film", "--scene", "thomson_12"])
    assert refused.value.code == 2


def test_what_chooses_the_flags_is_written_in_full(capsys):
    assert main(["energy", "--sys", "thomson"]) == main(["energy", "--sc", "thomson_12"]) == 2
    assert "in full" in capsys.readouterr().err


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
    assert main(["energy", "--system", "thomson", "--count", "4"]) == 0
    terminal.flush()
    assert b"defect charge ?(6 ? c)" in terminal.buffer.getvalue()
