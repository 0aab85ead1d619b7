"""Helpers of the browser tests: they read values from a page, and do common actions on it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe


def data(root, name: str) -> str | None:
    """The value of the element's attribute data-`name`; None where it has none."""
    return root.get_attribute(f"data-{name}")


def picture(root) -> str:
    """A hash of the canvas's pixels after the next paint."""
    script = """async e => {
        await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
        const canvas = e.querySelector('canvas'), { width, height } = canvas;
        const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
        const hash = new Uint32Array(await crypto.subtle.digest('SHA-256', data));
        return `${width} ${height} ${hash.join(' ')}`;
    }"""
    return root.evaluate(script)


def pixel(root, x: int, y: int) -> list[int]:
    """[red, green, blue, alpha] of a pixel of the canvas, each from 0 to 255."""
    script = "(e, [x, y]) => Array.from(e.querySelector('canvas').getContext('2d').getImageData(x, y, 1, 1).data)"
    return root.evaluate(script, [x, y])


def number(text: str) -> float:
    """The value of a number that the player has formatted."""
    return float(text.replace("−", "-").replace(",", ""))


def pause(page, root) -> None:
    """Pause the picture if it plays."""
    if data(root, "playing") == "true":
        root.get_by_role("button", name="Pause").click()
    assert data(root, "playing") == "false"


def seek(root, frame: float) -> None:
    """Move the player's time slider to a frame."""
    root.get_by_role("slider", name="Time").fill(str(frame))


def at(root, panel: int, across: float, up: float) -> tuple[float, float]:
    """The window's coordinates (x, y) of a point in a panel's plot. across, up: fractions of the plot's width and
    height, from its lower left corner."""
    left, top, width, height = json.loads(data(root, "plots"))[panel]
    frame = root.locator("canvas").bounding_box()
    return frame["x"] + left + across * width, frame["y"] + top + (1 - up) * height


def frames(page, count: int = 20) -> None:
    """Wait for this many animation frames of the browser."""
    page.evaluate(
        """count => new Promise(done => {
            const next = () => (count-- > 0 ? requestAnimationFrame(next) : done());
            next();
        })""",
        count,
    )


def milliseconds_a_frame(page, root, count: int = 30) -> float:
    """The processor time of the page's main thread for each frame that the player paints, in milliseconds.

    It is not wall-clock time, which depends on the machine's other work. Below 16.7 ms, 60 frames per second are
    possible.
    """
    with processor_time(page) as spent:
        (begin, first), last = (spent(), int(data(root, "painted"))), 0
        while last < first + count:
            frames(page, count // 2)
            end, last = spent(), int(data(root, "painted"))
    return (end - begin) / (last - first)


DISCS = """() => {
    const options = { willReadFrequently: true };
    const ctx = new OffscreenCanvas(1100, 600).getContext('2d', options);
    const disc = new OffscreenCanvas(7, 7), pen = disc.getContext('2d', options);
    pen.arc(3.5, 3.5, 3, 0, 7);
    pen.fill();
    for (let i = 0; i < 20000; i++) ctx.drawImage(disc, (i * 7919) % 1090 + 0.25, (i * 104729) % 590 + 0.5);
    return ctx.getImageData(0, 0, 1, 1).data[3];
}"""


def milliseconds_of_discs(page) -> float:
    """The processor time of drawing 20,000 discs without the player, in milliseconds: the least of three. It measures
    the present speed of the machine."""
    found = []
    with processor_time(page) as spent:
        for _ in range(3):
            begin = spent()
            page.evaluate(DISCS)
            found.append(spent() - begin)
    return min(found)


@contextmanager
def processor_time(page) -> Iterator[Callable[[], float]]:
    """Yields a function that returns the processor time of the page's main thread so far, in milliseconds."""
    profiler = page.context.new_cdp_session(page)
    profiler.send("Performance.enable", {"timeDomain": "threadTicks"})

    def spent() -> float:
        metrics = profiler.send("Performance.getMetrics")["metrics"]
        return 1000 * next(one["value"] for one in metrics if one["name"] == "TaskDuration")

    yield spent
    profiler.detach()


def unfold(page) -> None:
    """Open all expanders of the controls."""
    folds = page.locator(".st-key-side details:not([open]) > summary")
    folds.evaluate_all("folds => folds.forEach(fold => fold.click())")
    assert folds.count() == 0


def sent(page, name: str) -> list:
    """The values that the player on a plain page (alone.py) has sent to Python under this name."""
    return [value for sort, value in page.evaluate("window.sent") if sort == name]


def show_next(page, case: str) -> None:
    """Show another picture on a plain page (alone.py), as a rerun would."""
    page.evaluate("query => window.show(query)", f"case={case}&seed=1")


def query(page) -> str:
    """The parameters of the page's address."""
    return page.url.partition("?")[2]


def stroke(page, root, places, panel: int = 0) -> None:
    """Drag the mouse along these points of a panel's plot, given as for `at`."""
    page.mouse.move(*at(root, panel, *places[0]))
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*at(root, panel, *place), steps=8)
    page.mouse.up()


def warnings(page) -> list[str]:
    """The sentences in the page's warnings."""
    return [alert.inner_text() for alert in page.get_by_test_id("stAlertContentWarning").all()]


def barriers(page) -> list[str]:
    """The accessibility violations that axe-core rates serious or critical, with their elements."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    grave = [one for one in found if one["impact"] in ("serious", "critical")]
    return [f"{one['id']}: {node['target']} {node['failureSummary'][:200]}" for one in grave for node in one["nodes"]]
