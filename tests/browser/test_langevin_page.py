"""/langevin in a real browser: links, every control in the address, formulas, clicks, charts, embedding, the theme."""

import pytest

from demos.langevin.config import LangevinConfig
from demos.langevin.demo import DEMO
from tests.browser.helpers import at, data, pause, picture, query, seek, unfold, warnings

pytestmark = pytest.mark.browser

SMALL = "particles=300&steps=100"


@pytest.fixture
def langevin(open_demo):
    """langevin(page, query): open the page; gives the player's root."""
    return lambda page, query=SMALL: open_demo(page, "langevin", query)


def choice(page, name):
    return page.locator(f".st-key-langevin-{name}").get_by_role("combobox")


@pytest.mark.usefixtures("moving")
def test_a_link_gives_its_picture_and_the_picture_moves(lab_page, langevin, until):
    root = langevin(lab_page, f"potential=ring&method=baoab&{SMALL}")
    for name, label in (("potential", "Ring"), ("method", "BAOAB (VRORV)")):
        assert label in choice(lab_page, name).input_value()
    frames = set()
    until(lab_page, lambda: frames.add(data(root, "frame")) or len(frames) > 3, "the picture moves")
    pause(lab_page, root)
    times = []
    for frame in (0, 50, 100):
        seek(root, frame)
        picture(root)
        times.append(float(root.locator(".readout", has_text="t").locator(".value").first.inner_text()))
    assert times[0] == 0 < times[1] < times[2] == pytest.approx(1.0, abs=0.02)
    assert warnings(lab_page) == []


def test_every_control_is_on_the_page_and_says_what_the_link_says(lab_page, langevin):
    values = {
        "potential": "harmonic", "method": "hmc", "step": 0.07, "temperature": 0.6, "compare": ("euler", "mala"),
        "particles": 400, "steps": 80, "seed": 5, "start": "cloud", "x0": 0.5, "y0": -0.25, "spread": 0.4,
        "schedule": "linear", "cold": 0.05, "friction": 3.0, "mass": 2.0, "leapfrog_steps": 7, "color": "energy",
        "law": True, "escape": True,
    }  # fmt: skip
    assert set(values) == set(LangevinConfig.controls()) - {"formula"}
    config = LangevinConfig(**values)
    langevin(lab_page, config.query())
    unfold(lab_page)
    shown = {name: lab_page.locator(f".st-key-langevin-{name}") for name in values}
    for name in ("step", "temperature", "particles", "steps", "spread", "cold", "friction", "mass", "leapfrog_steps"):
        slider = shown[name].get_by_role("slider")
        assert float(slider.get_attribute("aria-valuetext").replace(",", "")) == values[name], name
    for name in ("seed", "x0", "y0"):
        place = shown[name].locator("input")
        said = place.get_attribute("aria-valuetext") or place.input_value()
        assert float(said) == values[name], name
    labels = LangevinConfig.controls()
    for name in ("potential", "method", "schedule", "start"):
        words = labels[name].options[values[name]]
        field = shown[name]
        found = field.get_by_role("combobox")
        assert words in (
            found.input_value()
            if found.count()
            else field.locator("[aria-checked=true], [kind$=Active]").first.inner_text()
        ), name
    for method in values["compare"]:
        assert labels["method"].options[method] in shown["compare"].inner_text()
    for name in ("law", "escape"):
        assert shown[name].locator("input").is_checked(), name


def test_a_value_out_of_range_is_told_and_leaves_the_address(lab_page, langevin, until):
    root = langevin(lab_page, f"step=1e9&{SMALL}")
    until(lab_page, lambda: query(lab_page) == SMALL, "the refused value leaves the address")
    assert warnings(lab_page) == ["step = '1e9' is out of range; allowed is 1e-06 to 10."]
    assert data(root, "payloads") == "1"


def test_a_formula_is_shown_as_mathematics_and_a_bad_one_refused_at_its_character(lab_page, langevin, settled, until):
    root = langevin(lab_page, f"potential=formula&{SMALL}")
    place = lab_page.get_by_role("textbox", name="U(x, y) =")
    place.fill("x**2 + sin(y")
    place.press("Enter")
    until(lab_page, lambda: len(warnings(lab_page)) == 1, "it is refused")
    (told,) = warnings(lab_page)
    assert "At character 11" in told and "'(' is never closed" in told
    assert data(root, "payloads") == "1"  # the picture stays
    place.fill("x**2 + 3*y**2")
    place.press("Enter")
    until(lab_page, lambda: "formula=x**2" in query(lab_page).replace("%2A", "*"), "it is in the address")
    settled(lab_page)
    until(lab_page, lambda: data(root, "payloads") == "2", "its particles are drawn")
    assert warnings(lab_page) == []
    assert "3" in lab_page.locator(".st-key-side .katex").inner_text()


def test_a_click_drops_the_particles_there(lab_page, langevin, settled, until):
    root = langevin(lab_page)
    pause(lab_page, root)
    lab_page.mouse.click(*at(root, 0, 0.75, 0.5))  # of the view from −2 to 2
    until(lab_page, lambda: "x0=" in query(lab_page), "the place is in the address")
    settled(lab_page)
    until(lab_page, lambda: data(root, "payloads") == "2", "they start there")
    values = dict(part.split("=") for part in query(lab_page).split("&"))
    assert float(values["x0"]) == pytest.approx(1.0, abs=0.02)


def test_an_open_expander_stays_open_and_its_control_keeps_the_focus(lab_page, open_demo, settled):
    """A change that leaves a scene moves the control of its experiment back among the others."""
    open_demo(lab_page, "langevin", DEMO.scenes[0].config.query())
    folds = lab_page.locator("details")
    folds.locator("> summary").evaluate_all("folds => folds.forEach(fold => fold.click())")
    count, opened = folds.count(), lab_page.locator("details[open]")
    assert opened.count() == count >= 7
    particles = lab_page.locator(".st-key-langevin-particles").get_by_role("slider")
    particles.focus()
    for _ in range(2):
        lab_page.keyboard.press("ArrowLeft")
        settled(lab_page)
        assert opened.count() == folds.count() >= count
        assert particles.evaluate("slider => slider === document.activeElement")


def test_a_scene_and_the_way_back(lab_page, langevin, settled, until):
    langevin(lab_page)
    lab_page.get_by_test_id("stButtonGroup").first.get_by_text("Reaction", exact=True).click()
    until(lab_page, lambda: "potential=muller_brown" in query(lab_page), "the scene is in the address")
    settled(lab_page)
    (scene,) = [scene for scene in DEMO.scenes if scene.name == "reaction"]
    assert lab_page.get_by_text(scene.sentence).is_visible()
    assert "Müller–Brown" in choice(lab_page, "potential").input_value()
    lab_page.go_back()
    until(lab_page, lambda: "Double well" in choice(lab_page, "potential").input_value(), "back undoes the scene")
    assert query(lab_page) == SMALL


def test_too_large_a_step_is_told_shown_and_predicted(lab_page, langevin):
    langevin(lab_page, "method=euler&step=0.2&particles=2000&steps=200")
    (told,) = warnings(lab_page)
    assert "of 2,000 left every bound" in told and "× the stability limit 2/L" in told
    row = lab_page.locator(".gf-checks tbody tr", has_text="lost").first
    assert row.get_attribute("data-state") == "PREDICTED"


def test_every_chart_opens_and_the_picture_goes_on(lab_page, langevin, settled):
    root = langevin(lab_page, "temperature=0.5&particles=300&steps=300")
    for tab in ("Free energy", "Mixing", "Escape times", "Bias and step size"):
        lab_page.get_by_role("tab", name=tab).click()
        panel = lab_page.get_by_role("tabpanel").and_(lab_page.locator(":visible"))
        panel.locator("canvas, svg.marks").first.wait_for()
        settled(lab_page)
        assert data(root, "payloads") == "1" and warnings(lab_page) == []  # a chart sends nothing to the player
