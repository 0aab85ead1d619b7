"""Files that stand alone, in a real browser: they play without a server, and what the player saves can be read."""

import ast
import io
import json
import re
from xml.etree import ElementTree

import pytest
from PIL import Image

from demos.export import Run, notebook, standalone, standalone_of_several, write
from demos.picture.player.page import State, document, frame, packed
from demos.registry import demo
from tests.browser.helpers import data
from tests.dashboard.fake_demo import FAKE, FakeConfig
from tests.scenes import scene_result

pytestmark = pytest.mark.browser
RATES = (0.5, 1.0, 2.0)


@pytest.fixture(scope="module")
def run():
    return FAKE.run(FakeConfig())


@pytest.fixture
def from_disk(open_page, until, tmp_path):
    """from_disk(html, **options of the page) -> page: opened from a file, painted, and nothing else was asked for."""
    asked = []

    def open_(html: str, wait: bool = True, **options):
        path = tmp_path / f"page{len(asked)}.html"
        path.write_text(html, encoding="utf-8")
        page = open_page(**options)
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.as_uri())
        if wait:
            root = page.locator(".player")
            until(page, lambda: root.count() and int(data(root, "painted") or 0) >= 1, "it plays")
        return page

    yield open_
    others = [url for url in asked if not url.startswith(("file:", "about:", "blob:", "data:"))]
    assert others == []


def test_it_plays_from_a_disk_with_its_words(from_disk, until, run):
    config = FAKE.scenes[0].config
    page = from_disk(standalone(FAKE, config, run, link="https://lab.example/fake?rate=1"))
    assert page.locator("h1").inner_text() == FAKE.title
    assert page.locator("math mi").count() >= 3 and page.locator("math").bounding_box()["height"] > 8
    assert FAKE.scenes[0].sentence in page.locator("[data-scene-words]").inner_text()
    assert page.locator(".gf-headline").get_attribute("data-state") == run.verdict.state.name
    assert page.locator("#below > .gf-checks tbody tr").count() == len(run.verdict.shown)
    assert page.get_by_role("link").get_attribute("href") == "https://lab.example/fake?rate=1"
    page.set_viewport_size({"width": 640, "height": 360})  # a small frame: the sentence gives its lines to the picture
    until(page, lambda: page.locator("canvas").first.bounding_box()["height"] > 180, "the picture is no strip")
    line = page.locator(".gf-headline").bounding_box()
    assert line["y"] + line["height"] <= 360


def test_a_damaged_page_says_so(from_disk):
    page = from_disk(document([State(b"a picture")], "A picture").replace(packed(b"a picture"), "lost"), wait=False)
    assert page.get_by_role("alert").inner_text().startswith("This picture cannot be shown.")


def test_a_slider_over_several_states(from_disk, until):
    configs = [FakeConfig(rate=rate) for rate in RATES]
    page = from_disk(standalone_of_several(FAKE, [Run(config, FAKE.run(config)) for config in configs]))
    root, slider = page.locator(".player"), page.get_by_role("slider", name="Rate")
    names = []
    for i, rate in enumerate(RATES):
        slider.fill(str(i))
        until(page, lambda i=i: int(data(root, "payloads")) == i + 1, "the next picture")
        assert float(page.locator("#value").inner_text()) == rate
        names.append(page.locator(".gf-checks td.gf-number").nth(1).inner_text())  # the truth of the first row
    assert len(set(names)) == len(RATES)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_plays_in_a_frame_of_another_page(from_disk, until, run, theme):
    slide = f"<!doctype html><link rel=icon href='data:,'>{frame(standalone(FAKE, FakeConfig(), run, theme=theme))}"
    page = from_disk(slide, wait=False, viewport={"width": 960, "height": 700})
    inside = page.frame_locator("iframe")
    root = inside.locator(".player")
    until(page, lambda: root.count() and int(data(root, "painted") or 0) >= 1, "it plays in the frame")
    paper = inside.locator("html").evaluate("page => getComputedStyle(page).backgroundColor")
    assert (max(map(int, paper[4:-1].split(","))) > 128) == (theme == "light")


@pytest.mark.parametrize("kind", ["GIF", "WebP"])
def test_animations_hold_the_play_through(from_disk, run, kind):
    page = from_disk(
        standalone(FAKE, FakeConfig(), run), reduced_motion="reduce", viewport={"width": 700, "height": 500}
    )
    page.get_by_role("button", name="Save").click()
    with page.expect_download(timeout=60_000) as saved:
        page.get_by_role("button", name=f"Animation ({kind})").click()
    image = Image.open(saved.value.path())
    assert image.format == kind.upper() and image.n_frames == run.picture.frames and image.info["loop"] == 0
    seconds, shown = 0.0, []
    for i in range(image.n_frames):
        image.seek(i)
        image.load()
        seconds += image.info["duration"] / 1000
        shown.append(image.convert("RGB").tobytes())
    assert seconds == pytest.approx(run.picture.seconds + 1.5, abs=0.05)
    assert len(set(shown)) > 0.9 * len(shown)


def test_a_picture_by_a_browser_of_its_own(run, tmp_path):
    """What the command line does."""
    heard = []
    (path,) = write(tmp_path / "out.png", FAKE, FakeConfig(), run, heard.append)
    image = Image.open(io.BytesIO(path.read_bytes()))
    assert image.width > 2000 and len(image.convert("RGB").getcolors(1 << 24)) > 50


def test_a_notebook_runs_and_its_pages_play(from_disk, until):
    """Its cells one after another, as a kernel would, and what the last line of each displays."""
    chosen = demo("film")
    scene = chosen.scenes[0]
    result = scene_result(chosen, scene)
    cells = [
        cell for cell in json.loads(notebook(chosen, scene.config, result))["cells"] if cell["cell_type"] == "code"
    ]
    space, shown = {}, []
    for cell in cells:
        body = ast.parse(cell["source"])
        last = body.body.pop() if isinstance(body.body[-1], ast.Expr) else None
        exec(compile(body, "cell", "exec"), space)
        if last is not None:
            shown.append(eval(compile(ast.Expression(last.value), "cell", "eval"), space))
    assert space["result"].checks == result.checks
    player, table, *charts = [value for value in shown if hasattr(value, "_repr_html_") or hasattr(value, "to_dict")]
    assert len(table) == len(result.checks)
    assert len(charts) >= 3 and all(chart.to_dict()["encoding"] for chart in charts)
    page = from_disk(f"<!doctype html><link rel=icon href='data:,'>{player._repr_html_()}", wait=False)
    root = page.frame_locator("iframe").locator(".player")
    until(page, lambda: root.count() and int(data(root, "painted") or 0) >= 1, "it plays in the notebook")


def test_charts_are_saved_as_svg_as_they_are_seen(lab_page, visit, settled, tmp_path):
    page = lab_page
    visit(page, "tests/dashboard/fake_app.py", "fake", "rate=0.9")
    page.locator("[data-testid=stVegaLiteChart] svg.marks").nth(1).wait_for()
    page.get_by_role("button", name="Export").click()
    page.get_by_role("combobox", name="File").click()
    page.get_by_role("option", name="Charts (SVG)").click()
    save = page.get_by_role("button", name=re.compile(r"Save .*-chart-\d\.svg"))
    save.nth(1).wait_for()
    with page.expect_download() as download:
        save.first.click()
    download.value.save_as(tmp_path / "chart.svg")
    root = ElementTree.parse(tmp_path / "chart.svg").getroot()
    name = "{http://www.w3.org/2000/svg}"
    assert root.tag == f"{name}svg" and "exact curve" in root.find(f"{name}title").text
    words = " ".join(text.text or "" for text in root.iter(f"{name}text"))
    assert "mean of x" in words and "measured" in words
    assert root.get("color").startswith("rgb") and "var(" not in (tmp_path / "chart.svg").read_text(encoding="utf-8")
    page.goto((tmp_path / "chart.svg").as_uri())  # alone, by another program's rules
    size = page.locator("svg").bounding_box()
    assert size["width"] > 200 and size["height"] > 150


def test_the_list_of_files_opens_right_after_a_save(lab_page, visit):
    """The button is near the lower edge of the window. A panel squeezed into the room below it scrolled at the click,
    and a list closes when its panel scrolls."""
    page = lab_page
    visit(page, "tests/dashboard/fake_app.py", "fake", "rate=0.9")
    button = page.get_by_role("button", name="Export")
    page.locator("[data-testid=stVegaLiteChart] svg.marks").nth(1).wait_for()
    assert button.bounding_box()["y"] > 0.7 * page.viewport_size["height"]
    button.click()
    files = page.get_by_role("combobox", name="File")
    files.click()
    page.get_by_role("option", name="Code (Python)").click()
    page.get_by_role("button", name="Make").click()
    with page.expect_download():
        page.get_by_role("button", name=re.compile(r"Save .*\.py")).click()
    files.click()
    page.get_by_role("option", name="Charts (SVG)").click()
    page.get_by_role("button", name=re.compile(r"Save .*-chart-\d\.svg")).first.wait_for()
