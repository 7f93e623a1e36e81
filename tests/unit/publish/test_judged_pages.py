"""What people judged stands on the pages: answers and who gave them, trust, and earlier ratings."""

import re
from html import unescape

from living.model.state import ReviewState
from living.publish.bundle import render_version
from living.review.recompute import recompute
from living.review.rob2.filled import read_rob
from tests.unit.review import scenes
from tests.unit.review.test_filled_judgements import LOW
from tests.unit.review.test_rounds import alone, three, trust


def pages(state: ReviewState) -> dict[str, str]:
    files = render_version(scenes.version(state))
    return {
        name: " ".join(unescape(re.sub(r"<[^>]+>", " ", body.decode())).split())
        for name, body in files.items()
        if name.endswith(".html")
    }


def of_study(state: ReviewState, name: str = "trial-1") -> str:
    return next(text for path, text in pages(state).items() if path.startswith(f"study/{name}"))


def test_a_study_s_page_shows_the_answers_and_who_judged() -> None:
    filled = read_rob({**LOW, "1.1": "PY"}, "parallel")
    said = {"domains": filled.domains, "answers": filled.answers, "variant": "parallel"}
    other = {**said, "answers": read_rob(LOW, "parallel").answers}
    shown = of_study(scenes.then(three(), alone(three(), "ann", **said), alone(three(), "bob", **other)))
    assert "judged by ann, bob" in shown
    assert "1.1 Was the order in which people were allocated random? probably yes or yes" in shown
    assert "2.3 Were there departures" not in shown  # it did not apply


def test_who_settled_it_and_who_had_judged_alone_are_told_apart() -> None:
    state = scenes.then(three(), alone(three(), "ann"), alone(three(), "bob", "high"))
    shown = of_study(scenes.then(state, alone(three(), "eve", round="together", reason="read again")))
    assert "judged by eve" in shown
    assert "judged alone before by ann, bob" in shown


def test_trust_stands_on_the_study_s_page_before_risk_of_bias() -> None:
    state = scenes.then(three(), *(trust(three(), who, "some_concerns") for who in ("ann", "bob")))
    shown = of_study(state)
    assert "Some concerns . an invented why INSPECT-SR, by ann, bob" in shown
    assert "Notices after publication some concerns" in shown
    assert shown.index("Trustworthiness") < shown.index("Risk of bias")


def test_a_study_kept_out_is_listed_with_its_criterion_and_the_reason() -> None:
    state = scenes.then(three(), *(trust(three(), who, "serious_concerns") for who in ("ann", "bob")))
    shown = " ".join(pages(state).values())
    assert "X2, Serious concern about trustworthiness" in shown
    assert "serious concerns about trustworthiness (INSPECT-SR): an invented why" in shown


def test_what_was_judged_is_found_again_from_the_document_alone() -> None:
    both = [trust(three(), who, "some_concerns") for who in ("ann", "bob")]
    low = [alone(three(), who, answers=(("1.1", "Y"),)) for who in ("ann", "bob")]
    state = scenes.then(three(), *both, *low)
    assert list(recompute(scenes.version(scenes.then(state, scenes.graded(state, "ache"))))) == []


def test_a_rating_lists_the_ones_before_it() -> None:
    first = scenes.then(three(), scenes.graded(three(), "ache", "moderate"))
    both = " ".join(pages(scenes.then(first, scenes.graded(first, "ache", "low", by="eve"))).values())
    assert "Earlier ratings" in both
    assert "moderate, by ann" in both
