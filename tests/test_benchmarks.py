"""The benchmarks are run by hand and rarely: here, only that they still fit the code, and that all are listed."""

import ast
import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

HERE = Path(__file__).parent / "benchmarks"
OURS = ("demos", "dashboard", "tests")


@pytest.mark.parametrize("file", sorted(HERE.glob("*.py")), ids=lambda file: file.stem)
def test_what_a_benchmark_imports_of_the_project_exists(file):
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.partition(".")[0] in OURS:
            module = import_module(node.module)
            for name in (one.name for one in node.names):
                assert hasattr(module, name) or find_spec(f"{node.module}.{name}"), f"{node.module} has no {name}"


def test_the_list_of_benchmarks_is_complete():
    listed = re.findall(r"^python -m tests\.benchmarks\.(bench_\w+)", (HERE / "README.md").read_text("utf-8"), re.M)
    assert sorted(listed) == sorted(file.stem for file in HERE.glob("bench_*.py"))


@pytest.mark.parametrize("file", sorted(HERE.glob("bench_*.py")), ids=lambda file: file.stem)
def test_a_benchmark_reads_its_options(file):
    """Without a parser of options, `--help` would start hours of work."""
    text = file.read_text(encoding="utf-8")
    assert "ArgumentParser(" in text or "race.arguments(" in text
