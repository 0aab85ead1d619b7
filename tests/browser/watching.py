"""What the tests of the player read from its page, and the few things that all of them do to it."""

import json


def data(root, name: str) -> str | None:
    return root.get_attribute(f"data-{name}")


def picture(root) -> str:
    """All pixels, after the next paint."""
    script = """e => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() =>
        done(e.querySelector('canvas').toDataURL()))))"""
    return root.evaluate(script)


def pixel(root, x: int, y: int) -> list[int]:
    script = "(e, [x, y]) => Array.from(e.querySelector('canvas').getContext('2d').getImageData(x, y, 1, 1).data)"
    return root.evaluate(script, [x, y])


def pause(page, root) -> None:
    root.get_by_role("button", name="Pause").click()
    assert data(root, "playing") == "false"


def seek(root, frame: float) -> None:
    root.get_by_role("slider", name="Time").fill(str(frame))


def at(root, panel: int, across: float, up: float) -> tuple[float, float]:
    """The place in the window at these parts of a panel's plot, from its lower left corner."""
    left, top, width, height = json.loads(data(root, "plots"))[panel]
    frame = root.locator("canvas").bounding_box()
    return frame["x"] + left + across * width, frame["y"] + top + (1 - up) * height


def frame_rate(root, enough: float) -> list[float]:
    """Frames a second in up to eight windows, until one has enough: the machine may be shared."""
    script = """e => new Promise(done => {
        const [start, first] = [performance.now(), Number(e.dataset.painted)];
        setTimeout(() => done((Number(e.dataset.painted) - first) / (performance.now() - start) * 1000), 1500);
    })"""
    rates = []
    while len(rates) < 8 and max(rates, default=0) < enough:
        rates.append(root.evaluate(script))
    return rates


def query(page) -> str:
    return page.url.partition("?")[2]


def warnings(page) -> list[str]:
    return [alert.inner_text() for alert in page.get_by_test_id("stAlertContentWarning").all()]
