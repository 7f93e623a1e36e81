"""Events worth a look: each rule on the smallest ledger that shows it, and silence where there is nothing."""

from datetime import datetime, timedelta

from living.model.facts import Judgement, LedgerLine, Link
from living.model.protocol import Protocol
from living.model.state import ReviewState
from living.review.identity import link_studies
from living.review.protocol import parse
from living.review.unusual import IN_A_HURRY, RULE_WORDS, RULES, Found, unusual
from tests.factories import STUDY, TOPIC, adjudication, extraction, record, vote
from tests.fakes import TOY


def protocol() -> Protocol:
    return parse((TOY / "protocol.toml").read_text(encoding="utf-8"), "protocol.toml")


def found(*said: tuple[str, object], apart: int = 3600) -> tuple[Found, ...]:
    start = datetime(2026, 3, 1, 6)  # noqa: DTZ001 - written as UTC below
    lines = [
        LedgerLine.model_validate(
            {
                "seq": seq,
                "at": f"{start + timedelta(seconds=apart * seq):%Y-%m-%dT%H:%M:%SZ}",
                "by": by,
                "fact": fact,
            }
        )
        for seq, (by, fact) in enumerate(said, 1)
    ]
    state = ReviewState.of(TOPIC, lines)
    return unusual(state, link_studies(state), protocol())


BOTH = (("machine", record()), ("ann", extraction()), ("ben", extraction()))


def rules(*said: tuple[str, object], apart: int = 3600) -> list[str]:
    return [event.rule for event in found(*said, apart=apart)]


def test_work_as_planned_names_nothing() -> None:
    votes = (("ann", vote(vote="include")), ("ben", vote(vote="include")))
    assert rules(*BOTH, *votes, ("cem", adjudication())) == []


def test_who_read_and_settled_is_named() -> None:
    [event] = found(*BOTH, ("ben", adjudication()))
    assert (event.rule, event.by, event.study, event.lines) == ("adjudicated_own", "ben", STUDY, (4,))


def test_a_reading_changed_after_the_other_could_be_seen_is_named_with_both_lines() -> None:
    [event] = found(*BOTH, ("ann", extraction(notes="again")))
    assert (event.rule, event.lines) == ("changed_after_opening", (2, 4))


def test_a_vote_moved_after_enough_had_voted_is_named_and_one_before_is_not() -> None:
    start = (("machine", record()), ("ann", vote(vote="include")))
    assert rules(*start, ("ann", vote(vote="unsure"))) == []
    settled = (*start, ("ben", vote(vote="include")))
    assert rules(*settled, ("ben", vote(vote="withdrawn"))) == ["vote_changed_late"]
    assert rules(*settled, ("ben", vote(vote="exclude", criterion="X1"))) == ["vote_changed_late"]


def test_an_answered_warning_and_an_override_are_named_without_what_was_read() -> None:
    kept = extraction(reasons=(("sd_small", "it is the SD of a change"),))
    [event] = found(("machine", record()), ("ann", kept))
    assert event.said == "kept numbers against a warning: sd small"
    rob = Judgement(
        tool="rob2", subject=f"{STUDY} pain", judged="0" * 64, overall="low",
        domains=(("D1", "low", "allocation was by telephone"), ("D2", "low", "")), round="alone",
    )  # fmt: skip
    [event] = found(("machine", record()), ("ann", rob))
    assert (event.rule, event.said) == ("override", "gave reasons of their own in D1")


def test_votes_in_seconds_are_named_once_for_each_burst() -> None:
    many = [("machine", record()), *(("ann", vote(vote=word)) for word in ("include", "unsure") * 12)]
    hurried = [event for event in found(*many, apart=2) if event.rule == "hurried"]
    assert [len(event.lines) for event in hurried] == [IN_A_HURRY, IN_A_HURRY]
    assert "hurried" not in rules(*many, apart=10)


def test_a_reversed_ruling_is_named_and_a_repeated_one_is_not() -> None:
    def ruling(relation: str) -> Link:
        return Link.model_validate(
            {"a": STUDY, "b": "pubmed:2", "relation": relation, "method": "person", "evidence": "seen"}
        )

    assert rules(("ann", ruling("same_study")), ("ben", ruling("same_study"))) == []
    assert rules(("ann", ruling("same_study")), ("ben", ruling("different"))) == ["ruling_reversed"]


def test_every_event_has_a_rule_in_words() -> None:
    assert set(RULES) - {"of_the_topic"} <= set(RULE_WORDS)
