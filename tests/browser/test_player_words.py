"""Words in the picture: annotations by the clock, marks on the timeline, what is interpolated, what lies beyond."""

import pytest

from tests.browser.helpers import data, frames, pause, seek

pytestmark = pytest.mark.browser


def test_annotations_come_and_go_with_the_clock(lab_page, alone, until):
    root = alone(lab_page, "notes")
    pause(lab_page, root)
    for frame, words in ((10, ["still p_σ", "second words"]), (60, []), (90, ["gone: it left the panel"])):
        seek(root, frame)
        until(
            lab_page,
            lambda words=words: [w for w in data(root, "notes").split("\n") if w] == words,
            f"{frame}: {words}",
        )


def test_marks_are_named_on_the_timeline_and_lead_there(lab_page, alone):
    root = alone(lab_page, "notes")
    pause(lab_page, root)
    marks = root.locator(".mark")
    assert [mark.inner_text() for mark in marks.all()] == ["4: on its way", "33.6: forgotten ▸"]
    boxes = [mark.bounding_box() for mark in marks.all()]
    track = root.locator(".track").bounding_box()
    assert boxes[0]["x"] + boxes[0]["width"] < boxes[1]["x"]
    assert all(
        box["x"] >= track["x"] - 2 and box["x"] + box["width"] <= track["x"] + track["width"] + 2 for box in boxes
    )
    marks.first.click()
    frames(lab_page)
    assert data(root, "frame") == "40"


def test_motion_between_computed_frames_is_said_to_be_interpolated(lab_page, alone, until):
    root = alone(lab_page, "notes")
    pause(lab_page, root)
    assert root.locator(".ticks .dot").count() == 5
    between = root.locator(".between")
    for frame, seen in ((50, False), (60, True)):
        seek(root, frame)
        until(lab_page, lambda seen=seen: between.is_visible() == seen, f"at {frame}: interpolated {seen}")
