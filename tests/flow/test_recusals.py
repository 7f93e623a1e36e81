"""Somebody with a conflict of interest keeps away from a study, on every way in."""

from pathlib import Path

import pytest

from living.errors import NotAllowed
from living.model.facts import Recusal
from living.service.people import submit_form, vote
from living.service.saying import say
from tests.fakes import EPSILON, articles, epsilon_article, form, home_at, toy_records


def test_what_a_recused_person_says_about_the_study_is_refused_whole(tmp_path: Path) -> None:
    with home_at(tmp_path, toy_records(articles(epsilon_article()))) as home:
        home.move_to("2026-02-20")
        home.poll()
        away = Recusal(study=EPSILON, person="ann", reason="wrote the report")
        say(home.house, home.topic, "ann", lambda _: [away])
        before = home.head()
        with pytest.raises(NotAllowed, match="keeps away from this study"):
            vote(home.house, home.topic, EPSILON, "include", "ann")
        with pytest.raises(NotAllowed, match="keeps away from this study"):
            submit_form(home.house, home.topic, form(), "form.toml", "ann")
        assert home.head() == before
        vote(home.house, home.topic, EPSILON, "include", "ben")
        say(home.house, home.topic, "cat", lambda _: [away.model_copy(update={"recused": False})])
        vote(home.house, home.topic, EPSILON, "include", "ann")
        say(home.house, home.topic, "ann", lambda _: [away])  # again, after an editor had lifted it
        with pytest.raises(NotAllowed, match="keeps away"):
            vote(home.house, home.topic, EPSILON, "unsure", "ann")
