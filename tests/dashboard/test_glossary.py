"""Tests of `explained`: a term is explained at its first occurrence only, and the text is escaped for HTML."""

from dashboard.frame.glossary import TERMS, explained
from demos.common.typeset import typeset
from demos.contract.markup import unbroken
from tests.dashboard.pages import words


def test_every_term_has_one_sentence():
    for term, meaning in TERMS.items():
        assert term and meaning.endswith(".") and len(meaning) < 200


def test_a_term_is_explained_once_and_the_words_stay():
    text = "The score at this noise level: a wrong score & <b>more</b> kT."
    html = explained(text)
    assert html.count("gf-term") == 3 and words(html) == text and "<b>" not in html
    assert explained("underscored scores and KT") == "underscored scores and KT"


def test_subscripts_are_drawn():
    assert typeset("−log p_σ and x_{end}") == "−log p<sub>σ</sub> and x<sub>end</sub>"
    assert typeset("noise_to_data") == "noise_to_data"


def test_a_number_is_never_torn_from_its_error_or_unit():
    assert unbroken("within 0.5 s.e. of 1.81 ± 0.04") == "within 0.5\u00a0s.e. of 1.81\u00a0±\u00a00.04"
