"""What the README prints works as it is printed."""

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
import torch
from streamlit.testing.v1 import AppTest

from demos import registry
from demos.networks import load_run
from demos.picture.payload import decode, encode

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(first_line: str) -> str:
    """The Python block of the README that begins with this line."""
    (found,) = [code for code in re.findall(r"```python\n(.*?)```", README, re.S) if code.startswith(first_line)]
    return found


@pytest.fixture
def bowl(monkeypatch):
    """The demo of "Add a demo", in the registry."""
    package, module = ModuleType("demos.bowl"), ModuleType("demos.bowl.demo")
    monkeypatch.setitem(sys.modules, "demos.bowl", package)
    monkeypatch.setitem(sys.modules, "demos.bowl.demo", module)
    exec(compile(block("# demos/bowl/demo.py"), "demos/bowl/demo.py", "exec"), module.__dict__)
    monkeypatch.setitem(registry.FAMILIES, "bowl", "bowl")
    yield module
    registry.family.cache_clear()


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
    assert not app.exception
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
