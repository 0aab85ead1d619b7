"""Runs as files: what another program reads out of them is what the run gave."""

import dataclasses
import json
import re
import zlib
from base64 import b64decode

import numpy as np
import pandas as pd
import pytest

from demos.descent.config import DescentConfig
from demos.export import FORMATS, show, write
from demos.export.standalone import Run, standalone_of_several, value_of
from demos.export.words import math
from demos.picture.payload import decode, encode
from demos.picture.player import browser
from demos.registry import demos
from tests.dashboard.fake_demo import FAKE, FakeConfig

CONFIG = FakeConfig(rate=1.5, title="</script><b>")


@pytest.fixture(scope="module")
def result():
    return FAKE.run(CONFIG)


@pytest.fixture(scope="module")
def written(result, tmp_path_factory):
    """suffix -> the files of that kind."""
    folder = tmp_path_factory.mktemp("written")
    kinds = [suffix for suffix in FORMATS if suffix not in PLAYED]
    return {suffix: write(folder / f"out{suffix}", FAKE, CONFIG, result) for suffix in kinds}


PLAYED = (".gif", ".webp", ".png")  # made by a browser: tests/browser/test_export.py


def test_arrays_and_settings_come_back(written, result):
    (path,) = written[".npz"]
    with np.load(path) as file:
        positions = result.picture.panels[0].layers[1].positions
        assert np.array_equal(file["0/particles/positions"], positions) and file["0/particles/positions"].dtype == float
        assert np.array_equal(file["clock"], result.picture.clock.values)
        about = json.loads(str(file["about"]))
    assert about == json.loads(written[".json"][0].read_text(encoding="utf-8"))
    config, refused = FakeConfig.read(about["config"])
    assert (config, refused) == (CONFIG, ()) and about["demo"] == FAKE.name
    assert [row["state"] for row in about["checks"]] == [str(check.state) for check in result.checks]


@pytest.mark.parametrize(("suffix", "read"), [(".csv", pd.read_csv), (".parquet", pd.read_parquet)])
def test_each_table_is_a_file(suffix, read, written, result):
    tables = {path.name: read(path) for path in written[suffix]}
    assert list(tables) == [f"out-checks{suffix}", f"out-decay{suffix}"]
    pd.testing.assert_frame_equal(tables[f"out-decay{suffix}"], result.tables["decay"])
    assert tables[f"out-checks{suffix}"]["measured"].tolist() == [check.measured for check in result.checks]


def test_the_page_holds_the_picture_and_nothing_of_a_text_as_html(written, result):
    (path,) = written[".html"]
    html = path.read_text(encoding="utf-8")
    (packed,) = re.findall(r'<script type="text/plain" id="picture-0">([^<]*)</script>', html)
    seen = decode(zlib.decompress(b64decode(packed)))
    first = decode(encode(result.picture))
    assert np.array_equal(seen["panels"][0]["layers"][1]["positions"], first["panels"][0]["layers"][1]["positions"])
    assert "<b>y</b>" not in html and "&lt;b&gt;y&lt;/b&gt;" in html  # the name of a check
    assert not re.search(r"(src|href)=[\"']?(https?:)?//", html)


def test_the_code_is_that_of_the_demo(written):
    assert written[".py"][0].read_text(encoding="utf-8") == FAKE.code(CONFIG)


@pytest.mark.parametrize("name", ["out.tiff", "out"])
def test_another_ending_is_refused_before_anything_is_written(name, tmp_path, result):
    with pytest.raises(ValueError, match=r"\.html.*\.npz"):
        write(tmp_path / name, FAKE, CONFIG, result)
    assert list(tmp_path.iterdir()) == []


def test_an_animation_without_a_browser_is_refused_in_a_sentence(tmp_path, result, monkeypatch):
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "no-such-browser"))
    with pytest.raises(ValueError, match="no-such-browser"):
        write(tmp_path / "out.gif", FAKE, CONFIG, result)
    monkeypatch.delenv("CHROMIUM")
    monkeypatch.setattr(browser, "NAMES", ())
    monkeypatch.setattr(browser, "ELSEWHERE", ())
    with pytest.raises(ValueError, match="CHROMIUM"):
        write(tmp_path / "out.gif", FAKE, CONFIG, result)
    assert list(tmp_path.iterdir()) == []


def test_every_equation_becomes_mathml():
    equations = {demo.formula for demo in demos().values()} - {""}
    for demo in demos().values():
        equations |= {demo.equation_of(config) for config in (demo.config(), *(s.config for s in demo.scenes))}
    for equation in equations:
        assert "\\" not in math(equation), equation  # a command that the converter does not know


@pytest.mark.parametrize(
    ("value", "text"), [(2000.5, "2,000"), (0.3, "0.3"), (12.25, "12.25"), (5.0, "5"), (1e-6, "1")]
)
def test_a_sliders_value_keeps_its_digits(value, text):
    config = type("Anything", (), {"controls": DescentConfig.controls, "condition": value})()
    assert value_of(config, "condition").startswith(text)


def test_more_than_twelve_states_are_refused_before_any_run():
    demo = dataclasses.replace(FAKE, run=None)
    with pytest.raises(ValueError, match="13"):
        show(*(FakeConfig(seed=seed) for seed in range(13)), demo=demo)


@pytest.mark.parametrize(
    ("changes", "labels"),
    [
        ({"title": ("a & b", 20 * "c")}, ("a & b", 20 * "c")),
        ({"noise": (True, False)}, ("yes", "no")),
        ({"rate": (0.3, 1.25)}, ("0.3", "1.25")),
        ({"compare": (("euler",), ("mala", "hmc"))}, ("Euler–Maruyama", "MALA, HMC")),
    ],
)
def test_a_slider_over_any_kind_of_field(changes, labels):
    """Runs that differed in a text alone made no page."""
    ((name, values),) = changes.items()
    configs = [FakeConfig(**{name: value, "particles": 10, "frames": 2}) for value in values]
    assert tuple(value_of(config, name) for config in configs) == labels
    html = show(*configs, demo=FAKE).html()
    assert FAKE.config.controls()[name].label in html


def test_a_page_of_several_runs_needs_runs_and_a_field_of_theirs(result):
    with pytest.raises(ValueError, match="1 to 12 states, not 0"):
        standalone_of_several(FAKE, [])
    with pytest.raises(ValueError, match="'speed' is not a setting of fake"):
        standalone_of_several(FAKE, [Run(CONFIG, result)] * 2, "speed")


def test_a_full_disk_leaves_the_old_file_and_no_part_of_the_new_one(result, tmp_path):
    resource = pytest.importorskip("resource")  # not on Windows
    path = tmp_path / "out.html"
    path.write_text("the old one", encoding="utf-8")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, limits[1]))
    try:
        with pytest.raises(OSError, match="large"):
            write(path, FAKE, CONFIG, result)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_text(encoding="utf-8") == "the old one" and list(tmp_path.iterdir()) == [path]
    write(path, FAKE, CONFIG, result)
    assert path.stat().st_size > 1024
