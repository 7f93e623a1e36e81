"""A home: its pace towards the registries, its secret, and who may do what in it at once."""

import stat
from pathlib import Path

import pytest
from pydantic import SecretStr

from living.errors import EnvironmentFault, HeldElsewhere
from living.service.house import Life, Stopped, open_house, prepare
from living.service.letters import token
from tests.fakes import opened, settings_for


def pace(tmp_path: Path, **settings: object) -> dict[str, float]:
    house = open_house(settings_for(tmp_path / "home", **settings))
    house.store.close()
    house.gateway.close()
    return house.gateway.pace


def test_a_service_keeps_the_pace_that_each_registry_allows(tmp_path: Path) -> None:
    assert pace(tmp_path) == {
        "eutils.ncbi.nlm.nih.gov": 0.4,
        "clinicaltrials.gov": 1.2,
        "www.ebi.ac.uk": 1.2,
        "www.isrctn.com": 1.2,
    }
    keyed = pace(tmp_path, ncbi_api_key=SecretStr("key"))
    assert keyed["eutils.ncbi.nlm.nih.gov"] == 0.12


def test_where_one_host_stands_in_for_all_registries_the_slowest_pace_holds(tmp_path: Path) -> None:
    one = {"ncbi_url": "http://127.0.0.1:9/e", "ctgov_url": "http://127.0.0.1:9/c"}
    urls = {**one, "europepmc_url": "http://127.0.0.1:9/p", "isrctn_url": "http://127.0.0.1:9/i"}
    assert pace(tmp_path, **urls) == {"127.0.0.1:9": 1.2}


def test_the_secret_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    first, second = opened(tmp_path), opened(tmp_path)
    assert first.secret == second.secret
    assert len(first.secret) == 32
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600
    assert token(first, "leave", "x") != token(first, "confirm", "x")
    for house in (first, second):
        house.store.close()


def test_one_thing_is_done_by_one_process_at_a_time(tmp_path: Path) -> None:
    first, second = opened(tmp_path), opened(tmp_path)
    with first.alone("searching"):
        with (
            pytest.raises(HeldElsewhere, match="another process is searching here"),
            second.alone("searching"),
        ):
            pass
        with second.alone("publishing"):
            pass
    with second.alone("searching"):
        pass
    for house in (first, second):
        house.store.close()


def test_waiting_ends_at_once_when_the_service_is_to_stop() -> None:
    life = Life()
    life.rest(0.0)
    life.stopping.set()
    with pytest.raises(Stopped):
        life.rest(3600.0)


def test_a_folder_that_cannot_be_written_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentFault, match="Set LIVING_HOME to a folder of yours"):
        prepare(tmp_path / "file" / "home")
