"""The text around a picture as HTML: title, equation, the scene's sentence, the verdict, the code and the link."""

from __future__ import annotations

import re
from html import escape

from latex2mathml.converter import convert

from demos.common.typeset import typeset
from demos.contract import Config, Demo, Result, Scene, Verdict
from demos.contract.markup import headline, self_tests, table


def scene_of(demo: Demo, config: Config) -> Scene | None:
    """The scene with this config; None if it is no scene's."""
    return next((scene for scene in demo.scenes if scene.config == config), None)


def title_of(demo: Demo, config: Config) -> str:
    """The demo's title, followed by that of the scene if the config is a scene's."""
    scene = scene_of(demo, config)
    return demo.title if scene is None else f"{demo.title}: {scene.title}"


def math(latex: str) -> str:
    """LaTeX as MathML, which browsers display without a script."""
    return convert(re.sub(r"\\arg(?![a-z])", r"\\operatorname{arg}", latex))  # latex2mathml does not know \arg


def above(demo: Demo, config: Config) -> str:
    """HTML above the picture: title and equation; the scene's title and sentence, or the demo's sentence."""
    scene = scene_of(demo, config)
    html = f'<header class="gf-title"><h1>{typeset(demo.title)}</h1>{math(demo.equation_of(config))}</header>'
    words = typeset(demo.sentence)
    if scene is not None:
        end = "" if scene.title.endswith(("?", "!", ".")) else "."
        words = f"<b>{typeset(scene.title)}{end}</b> {typeset(scene.sentence)}"
    return f'{html}<p class="gf-lead" data-scene-words>{words}</p>'


def below(demo: Demo, config: Config, result: Result, link: str = "") -> str:
    """HTML below the picture: the verdict with its rows, warnings, notes, the code, and the link to the page."""
    words = [f"<p><b>{typeset(text)}</b></p>" for text in result.warnings]
    words += [f'<p class="gf-soft">{typeset(text)}</p>' for text in result.notes]
    code = f"<details class='gf-more'><summary>Code</summary><pre>{escape(demo.code(config).strip())}</pre></details>"
    address = f'<a href="{escape(link)}">{escape(link)}</a>' if link.startswith(("http://", "https://")) else ""
    origin = f'<p class="gf-from">Made by Gradient Flow Lab{f", from {address}" if address else ""}.</p>'
    return verdict(result.verdict) + "".join(words) + code + origin


def verdict(verdict: Verdict) -> str:
    """HTML of the verdict: the headline, the rows shown, and the other rows collapsed."""
    html = headline(verdict) + (table(verdict.shown) if verdict.shown else "")
    more = f"{len(verdict.folded)} more comparison{'s' if len(verdict.folded) > 1 else ''}" if verdict.folded else ""
    title = ", ".join(text for text in (more, self_tests(verdict)) if text)
    if title:
        rows = (*verdict.folded, *verdict.self_tests)
        summary = f"<summary>{escape(title[:1].upper() + title[1:])}</summary>"
        html += f'<details class="gf-more">{summary}{table(rows)}</details>'
    return html
