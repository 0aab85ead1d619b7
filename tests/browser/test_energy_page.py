"""/energy in a real browser: atoms from a file, a painted field, embedding, the theme."""

import pytest

from tests.browser.helpers import data, number, pause, picture, query, seek, stroke, warnings

pytestmark = pytest.mark.browser

PHASE = "system=phase&start=disc&metric=L2&grid=64&duration=50"


@pytest.fixture
def energy(open_demo):
    """energy(page, query): open the page; gives the player's root."""
    return lambda page, query="": open_demo(page, "energy", query)


def test_another_system_brings_its_own_controls_and_the_way_back(lab_page, energy, settled, until):
    energy(lab_page)
    assert lab_page.locator(".st-key-energy-cluster-count").count() == 1
    lab_page.locator(".st-key-energy-system-row").get_by_role("combobox").click()
    lab_page.get_by_role("option", name="XY magnets").click()
    until(lab_page, lambda: "system=spins" in query(lab_page), "the address names the system")
    settled(lab_page)
    assert lab_page.locator(".st-key-energy-spins-kT").count() == 1
    assert lab_page.locator(".st-key-energy-cluster-count").count() == 0
    assert warnings(lab_page) == []
    lab_page.go_back()
    until(lab_page, lambda: lab_page.locator(".st-key-energy-cluster-count").count() == 1, "back brings the cluster")


def test_scrubbing_falls_down_the_energy(lab_page, energy):
    root = energy(lab_page, "count=7")
    pause(lab_page, root)
    seen = []
    for frame in (0, 30, 60):
        seek(root, frame)
        picture(root)
        seen.append(number(root.locator(".readout", has_text="E").first.locator(".value").inner_text()))
    assert seen[0] > seen[1] > seen[2]


XYZ = b"3\ntriangle\nAr 0 0 0\nAr 1.2 0 0\nAr 0.6 1 0\n"
FILES = [
    (b"hello\n", "begins with the number of atoms"),
    (b"\xff\xfe\x00", "not text"),
]  # others in tests/physics/clusters/test_xyz.py


def test_bad_files_are_refused_in_a_sentence_and_a_good_one_is_taken(lab_page, energy, settled, until):
    root = energy(lab_page)
    lab_page.locator("summary").get_by_text("Your own atoms").click()
    place = lab_page.locator(".st-key-energy-file input[type=file]")
    for content, words in FILES:
        place.set_input_files({"name": "a.xyz", "mimeType": "text/plain", "buffer": content})
        until(lab_page, lambda words=words: len(found := warnings(lab_page)) == 1 and words in found[0], words)
        settled(lab_page)
        assert data(root, "payloads") == "1" and "atoms=" not in query(lab_page)
    place.set_input_files({"name": "a.xyz", "mimeType": "text/plain", "buffer": XYZ})
    until(lab_page, lambda: "atoms=" in query(lab_page) and "count=3" in query(lab_page), "the file is the start")
    settled(lab_page)
    assert warnings(lab_page) == [] and data(root, "payloads") == "2"


def test_a_painted_field_is_the_start(lab_page, energy, settled, until):
    root = energy(lab_page, PHASE)
    root.get_by_role("button", name="Draw").click()
    stroke(lab_page, root, [(0.3, 0.3), (0.7, 0.6)])
    until(lab_page, lambda: "start=drawn" in query(lab_page), "the drawing is in the address")
    settled(lab_page)
    until(lab_page, lambda: data(root, "payloads") == "2", "the painted field moves")
    assert warnings(lab_page) == []


def test_a_step_past_stability_is_told_by_how_much(lab_page, energy):
    energy(lab_page, "method=euler&step=0.05&count=13&duration=5")
    told = " ".join(warnings(lab_page))
    assert "×" in told and "limit" in told
