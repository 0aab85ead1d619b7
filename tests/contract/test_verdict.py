"""Rows together: self-tests never count, an alarm is never folded away, and the shell can tell five endings."""

from demos.contract.check import Check, State
from demos.contract.verdict import Verdict

GOOD = Check("good", 1.0, 1.0)
BAD = Check("bad", 2.0, 1.0)
TEST = Check("test", 1.0, 1.0, about="code")
LESSON = Check("lesson", 1.05, 1.0, predicted=1.05)
LOST = Check("lost", 1.0, 1.0, incomparable="diverged at step 3")


def of(*checks):
    return Verdict.of("A sentence.", checks)


def test_self_tests_do_not_count():
    assert of(TEST).state is State.NO_TRUTH
    assert of(TEST, GOOD).state is State.AGREES
    assert of(TEST, BAD).state is State.DIFFERS
    assert of(TEST, GOOD).self_tests == (TEST,)


def test_an_alarm_is_never_folded():
    verdict = of(GOOD, GOOD, GOOD, GOOD, BAD)
    assert verdict.shown == (GOOD, GOOD, GOOD, BAD)
    assert verdict.folded == (GOOD,)


def test_exit_status():
    assert of(GOOD, TEST).exit_status == 0
    assert of(GOOD, BAD, LOST).exit_status == 1
    assert of(GOOD, LOST).exit_status == 3
    assert of().exit_status == 3
    assert of(GOOD, LESSON).exit_status == 4
    assert of(GOOD, Check("test", 2.0, 1.0, about="code")).exit_status == 1
