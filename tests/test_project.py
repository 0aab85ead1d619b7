"""Tests of the repository itself: the README's commands, pinned packages, the theme, imports, deployment files."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from demos.picture.theme import DARK, LIGHT

ROOT = Path(__file__).resolve().parents[1]
FRESH = "python3 -m venv .venv && . .venv/bin/activate && "
START = FRESH + "pip install -r requirements.txt && streamlit run dashboard/app.py"
TESTS = FRESH + "pip install -r tests/requirements.txt && pytest"


def test_the_readme_prints_both_commands_and_ci_runs_the_second_from_there():
    readme = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert START in readme and TESTS in readme
    (pattern,) = re.findall(r"grep -m 1 '([^']+)' README\.md", (ROOT / ".ci" / "run").read_text(encoding="utf-8"))
    found = [line for line in readme if re.search(pattern, line)]
    assert found[0] == TESTS
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def requirements(name):
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    lines = [line.split(" #")[0].strip() for line in lines if line and not line.startswith(("#", "-r"))]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize("name", ["requirements.txt", "tests/requirements.txt"])
def test_everything_is_pinned(name):
    for requirement in requirements(name):
        assert requirement.url or re.fullmatch(r"==[\d.]+", str(requirement.specifier)), requirement


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
@pytest.mark.parametrize(
    ("system", "machine"), [("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64"), ("win32", "AMD64")]
)
def test_exactly_one_torch_for_every_machine(python, system, machine):
    where = {"sys_platform": system, "platform_machine": machine, "python_version": python}
    wheels = [each for each in requirements("requirements.txt") if each.name == "torch" and each.marker]
    (torch,) = [wheel for wheel in wheels if wheel.marker.evaluate(where)]
    if (system, machine) == ("linux", "x86_64") and python in ("3.12", "3.13"):
        tag = "cp" + python.replace(".", "")
        assert f"whl/cpu/torch-2.13.0%2Bcpu-{tag}-{tag}-manylinux_2_28_x86_64.whl" in torch.url
    else:
        assert str(torch.specifier) == "==2.13.0"


def brightness(color):
    """The relative luminance of "#rrggbb" by WCAG 2.2: from 0 to 1."""
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    low, high = sorted((brightness(one), brightness(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_theme_can_be_read(mode):
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert set(settings["theme"]) == {"light", "dark"}  # any other key would make one theme the only one
    theme = settings["theme"][mode]
    paper = theme["backgroundColor"]
    assert contrast(theme["textColor"], paper) > 12
    for name in ("primaryColor", "linkColor", "redColor", "greenColor"):
        assert contrast(theme[name], paper) >= 4.5, name
    assert len(theme["chartCategoricalColors"]) == 8 == len(set(theme["chartCategoricalColors"]))
    for color in theme["chartCategoricalColors"]:
        assert contrast(color, paper) >= 3, color
    for name in ("chartSequentialColors", "chartDivergingColors"):
        assert len(theme[name]) == 10
    rising = [contrast(color, paper) for color in theme["chartSequentialColors"]]
    assert rising == sorted(rising) and rising[0] < 1.1  # it starts at the background colour


def test_nothing_large_is_loaded_without_need():
    """scipy.stats and sympy would take 80 of the 690 MB that a process may use: neither the imports of the demos nor
    the gradient of a typed formula may import them. The Langevin page shows a new server's first picture
    without pandas, which takes 0.3 s."""
    lines = (
        "import sys, torch",
        "from demos.registry import demos, family",
        "import dashboard.frame.page",
        "family('langevin')",
        "assert 'pandas' not in sys.modules",
        "from demos.landscapes.formula import formula_landscape",
        "demos()",
        "formula_landscape('x**2 + y**2').gradient(torch.ones(3, 2))",
        "print(sorted({'sympy', 'scipy.stats', 'torch._dynamo'} & set(sys.modules)))",
    )
    loaded = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == "[]"


def test_exported_files_have_the_colours_of_the_dashboard():
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
    for mode, values in (("light", LIGHT), ("dark", DARK)):
        for name, value in values.items():
            found = settings[mode][name]
            assert value == (found if isinstance(found, str) else ",".join(found)), (mode, name)


def test_community_cloud_finds_requirements_txt_first():
    """Streamlit Community Cloud searches the folder of the entry point before the root, and in a folder it prefers
    other files to requirements.txt."""
    before = ("uv.lock", "Pipfile", "environment.yml")
    assert not any((ROOT / name).exists() for name in before)
    assert not any((ROOT / "dashboard" / name).exists() for name in (*before, "requirements.txt", "pyproject.toml"))


def test_the_container_holds_what_the_dashboard_needs():
    lines = (ROOT / ".hosting" / "Dockerfile").read_text(encoding="utf-8").splitlines()
    copied = [name for line in lines if line.startswith("COPY") for name in line.split()[1:-1]]
    assert {"requirements.txt", ".streamlit", "dashboard", "demos", "pyproject.toml", "LICENSE"} == set(copied)
    assert all((ROOT / name).exists() for name in copied)


@pytest.mark.skipif(shutil.which("haproxy") is None, reason="HAProxy is not installed (Debian: apt install haproxy).")
def test_haproxy_takes_the_configuration():
    check = subprocess.run(["haproxy", "-c", "-f", ROOT / ".hosting" / "haproxy.cfg"], capture_output=True, text=True)
    assert check.returncode == 0, check.stderr
