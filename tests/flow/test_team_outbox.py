"""The team's letters as the command line lists and writes them, beside those of readers."""

from __future__ import annotations

from email import message_from_bytes, policy
from pathlib import Path

import pytest

from living.errors import UserError
from living.service.accounts import _new as new_account
from living.service.outbox import drafts, outbox, places
from living.service.teammail import tell_team
from living.store import DESK
from tests.fakes import home_at


def test_the_team_s_letters_are_listed_and_written_to_the_address_of_the_account(tmp_path: Path) -> None:
    with home_at(tmp_path / "home") as home:
        house, store = home.house, home.house.store
        home.poll()
        account = new_account(house, "console", "Ann", "ann@team.example.org")
        store.choose_login(account, "ann", house.now())
        store.set_password(account, "x", house.now(), "test")
        store.grant(home.topic, account, "screener", house.now(), "console")
        store.grant(home.topic, account, "extractor", house.now(), "console")
        store.change_account(
            account, house.now(), name="Ann", address="ann@team.example.org", letters="at_once"
        )
        assert tell_team(house) == 1
        assert places(house, None, (home.topic,)) == (home.topic, DESK)
        assert places(house, home.topic, ()) == (home.topic,)
        assert places(house, DESK, ()) == (DESK,)
        with pytest.raises(UserError):
            places(house, "nosuch", ())
        assert [letter.subscriber for letter in outbox(house, DESK)] == [account]
        (draft,) = drafts(house, DESK, tmp_path / "out")
        message = message_from_bytes(Path(draft.path).read_bytes(), policy=policy.default)
        assert message["To"] == "ann@team.example.org"
        assert [letter.state for letter in outbox(house, DESK)] == ["queued"]
        store.change_account(account, house.now(), name="Ann", address=None, letters="at_once")
        assert not drafts(house, DESK, tmp_path / "none")
