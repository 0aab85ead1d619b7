"""Tests that the code blocks of the README work as printed."""

import re
import sys
from math import hypot
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

import demos
from demos import registry
from demos.gradient_flow import GradientFlow, solve
from demos.networks import load_run
from demos.picture.payload import decode, encode
from tests.gradient_flow.flows import fitted_order
from tests.gradient_flow.test_orders import CASES, COUNTS, START

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(first_line: str) -> str:
    """The Python block of the README that begins with this line."""
    (found,) = [code for code in re.findall(r"```python\n(.*?)```", README, re.S) if code.startswith(first_line)]
    return found


def loaded(name: str, file: str, monkeypatch) -> ModuleType:
    """Import the code block of the README that begins with "# file", as the module `name`."""
    module = ModuleType(name)
    monkeypatch.setitem(sys.modules, name, module)
    exec(compile(block(f"# {file}"), file, "exec"), module.__dict__)
    return module


@pytest.fixture
def bowl(monkeypatch):
    """The demo of the README's section "Add a demo", registered for the duration of a test."""
    package = loaded("demos.bowl", "demos/bowl/__init__.py", monkeypatch)
    module = loaded("demos.bowl.demo", "demos/bowl/demo.py", monkeypatch)
    monkeypatch.setattr(demos, "bowl", package, raising=False)
    monkeypatch.setitem(registry.FAMILIES, "bowl", "bowl")
    registry.menu.cache_clear()
    yield module
    registry.menu.cache_clear()
    registry.family.cache_clear()


@pytest.mark.parametrize("case", CASES)
def test_method_of_the_readme_has_the_order_that_it_claims(case, capsys):
    space = {}
    exec(block("import torch\nfrom demos.gradient_flow import GradientFlow, Method"), space)
    parts, exact = CASES[case]
    method, flow = space["MIDPOINT"], GradientFlow(**parts)
    errors = [
        float((solve(flow, START, np.linspace(0, 1, n + 1), method, record=2).states[-1] - exact).abs().max())
        for n in COUNTS
    ]
    assert fitted_order([1 / n for n in COUNTS], errors) == pytest.approx(method.order.deterministic, abs=0.12)
    assert "0.3685" in capsys.readouterr().out  # the README's comment says so: (1 − h + h²/2)¹⁰


def test_potential_of_the_readme_has_the_stated_minima_and_saddles():
    space = {}
    exec(block("# demos/landscapes/three_wells.py"), space)
    wells = space["THREE_WELLS"]
    # Along a ray with cos 3θ = ±1 the slope 4r³ ∓ 0.9 r² − 4r vanishes at 0 and at r = (√(0.81 + 64) ± 0.9)/8.
    for places, radius in ((wells.minima, (64.81**0.5 + 0.9) / 8), (wells.saddles, (64.81**0.5 - 0.9) / 8)):
        assert [hypot(*place.position) for place in places] == pytest.approx([radius] * 3, abs=1e-12)
    assert len(wells.stationary_points) == 7 and all(wells.confines(kT) for kT in wells.kT_range)
    beside = wells.saddles[0].position + 0.05 * np.array([[0.75**0.5, -0.5], [-(0.75**0.5), 0.5]])  # along the ring
    assert [wells.well_names[i] for i in wells.wells(torch.tensor(beside))] == ["right", "upper"]


def test_demo_of_the_readme_keeps_the_contract(bowl):
    for config in (bowl.DEMO.config(), *(scene.config for scene in bowl.DEMO.scenes)):
        result = bowl.DEMO.run(config)
        assert result.checks and all(check.agrees for check in result.checks)
        space = {}
        exec(bowl.DEMO.code(config), space)
        assert encode(space["result"].picture) == encode(result.picture)


def test_page_of_the_readme_shows_the_demo(bowl):
    app = AppTest.from_string(block("# dashboard/views/bowl/page.py"), default_timeout=60)
    app.context = {"is_embedded": False, "url": "http://here/bowl"}
    app.run()
    assert not app.exception and registry.menu()["bowl"].title == bowl.DEMO.title
    assert decode(app.get("bidi_component")[0].proto.bytes)["panels"]
    assert app.title[0].value == "A bowl" and app.slider(key="bowl-stiffness").value == 1.0


def test_monitor_of_the_readme_finds_what_it_says(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    space = {}
    code = block("import torch\nfrom torch import nn\nfrom demos.networks")
    with torch.random.fork_rng():
        exec(code.replace("range(50)", "range(21)"), space)
    (alarm,) = space["report"].alarms
    assert (alarm.code, alarm.layer) == ("vanishing", "0, Linear") and alarm.predicted is not None
    assert "vanishing" in capsys.readouterr().out and space["monitor"].run.steps == [0, 10, 20]
    assert len(load_run("run.json").steps) == 3
