"""Without a mouse, and enlarged: the keyboard reaches every control and the player, and one sees where it is."""

import pytest

pytestmark = pytest.mark.browser

MOST = 150  # presses of Tab through one page

FOLLOW = """() => {
    const reached = new Map();  // what had the focus -> how it and what is around it looked then
    const looks = e => {
        const found = [];
        for (let at = e, n = 0; at && n < 6; at = at.parentElement ?? at.getRootNode().host, n++) {
            const { outline, boxShadow, borderColor, backgroundColor, color } = getComputedStyle(at);
            found.push(outline, boxShadow, borderColor, backgroundColor, color);
        }
        return found.join('|');
    };
    const active = () => {
        let e = document.activeElement;
        while (e?.shadowRoot?.activeElement) e = e.shadowRoot.activeElement;
        return e;
    };
    window.look = () => {  // after a press of Tab: whether the page has come to its end
        const e = active();
        if (e === document.body) return reached.size > 5;
        if (!reached.has(e)) reached.set(e, looks(e));
        return false;
    };
    const deep = root => [...root.querySelectorAll('*')].flatMap(e => [e, ...(e.shadowRoot ? deep(e.shadowRoot) : [])]);
    const words = e => (e.getAttribute('aria-label') || e.innerText || e.outerHTML).trim().slice(0, 80);
    const can = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [role=slider], [tabindex="0"]';
    const group = e => e.closest('[role=radiogroup], [data-testid=stButtonGroup]');  // the arrow keys go on
    const had = e => reached.has(e) || (group(e) && [...reached.keys()].some(one => group(one) === group(e)));
    window.missed = () => deep(document).filter(e => e.matches(can) && e.tabIndex >= 0 && !e.disabled
        && e.checkVisibility({ visibilityProperty: true }) && e.getClientRects().length && !had(e)).map(words);
    window.inPlayer = () => [...reached.keys()].filter(e => e.closest('.player')).length;
    window.invisible = () => [...reached].filter(([e, then]) => e.isConnected && e.tagName !== 'MAIN'
        && then === looks(e)).map(([e]) => words(e));
}"""


def test_tab_reaches_every_control_and_the_player_and_shows_where_it_is(lab_page, visit, settled):
    page = lab_page
    visit(page, "tests/dashboard/fake_app.py", "fake", "rate=0.7")
    page.evaluate("() => document.activeElement?.blur()")
    page.evaluate(FOLLOW)
    for _ in range(MOST):
        page.keyboard.press("Tab")
        if page.evaluate("window.look()"):
            break
    assert page.evaluate("window.missed()") == []
    assert page.evaluate("window.inPlayer()") >= 6
    page.evaluate("() => document.activeElement?.blur()")
    assert page.evaluate("window.invisible()") == []


def test_enlarged_twice_nothing_is_cut_and_the_controls_work(lab_page, visit, settled, until):
    """A window of 1280 × 800 at 200 % has 640 × 400 CSS pixels."""
    page = lab_page
    root = visit(page, "tests/dashboard/fake_app.py", "fake", "rate=0.8")
    page.set_viewport_size({"width": 640, "height": 400})
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 640
    for part in (root.locator("canvas"), page.locator(".gf-checks").first):
        box = part.bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 640
    slider = page.get_by_role("slider", name="Rate")
    slider.focus()
    page.keyboard.press("ArrowRight")
    until(page, lambda: "rate=0.85" in page.url, "a control works")
