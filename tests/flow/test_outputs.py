"""What a whole site offers to programs: every JSON follows its schema, every link leads somewhere."""

import csv
import io
import json
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import jsonschema_rs
import pytest

from living.publish import schemas
from tests.flow.replays import Replay, begun
from tests.unit.publish.test_refit import has_metafor, refit

LDN, TEA = "ldn-chronic-pain", "glimmerleaf-tea"
ATOM = "{http://www.w3.org/2005/Atom}"
# Formats of others, with schemas of their own: package descriptions and citations.
OTHERS = {"datapackage.json", "ro-crate-metadata.json", "version.json", "included.json", "schema.json"}


@pytest.fixture(scope="module")
def replay(tmp_path_factory: pytest.TempPathFactory) -> Replay:
    told = begun(tmp_path_factory.getbasetemp()).undisturbed.result()
    assert told.code == 0, told.complained
    return told


def documents(site: Path) -> Iterator[tuple[Path, str]]:
    """Every JSON file of a site with the name of its schema; `latest` repeats what it leads to."""
    for path in sorted(site.rglob("*.json")):
        inside = path.relative_to(site).parts
        if "latest" in inside or inside[0] == "schemas" or path.name in OTHERS:
            continue
        found = json.loads(path.read_bytes())
        name = "feed" if "jsonfeed" in str(found.get("version")) else found["schema_id"]
        yield path, name.removeprefix("living-").rpartition("/")[0] or name


def test_every_json_of_the_site_follows_the_schema_that_the_site_gives(replay: Replay) -> None:
    seen = set()
    for path, name in documents(replay.site):
        schema = json.loads((replay.site / schemas.paths()[name]).read_bytes())
        jsonschema_rs.Draft202012Validator(schema, offline=True).validate(json.loads(path.read_bytes()))
        seen.add(name)
    assert seen == schemas.FORMS.keys()


def test_every_version_follows_the_schema_in_its_own_folder(replay: Replay) -> None:
    for path in replay.site.glob("*/v[0-9]*.[0-9]*/snapshot.json"):
        schema = json.loads((path.parent / "schema.json").read_bytes())
        assert schema["$id"] == "urn:living:schema:snapshot:1"
        jsonschema_rs.Draft202012Validator(schema, offline=True).validate(json.loads(path.read_bytes()))


def test_anybody_s_python_verifies_every_version_and_the_whole_chain(replay: Replay) -> None:
    for folder in sorted(replay.site.glob("*/v[0-9]*.[0-9]*")):
        command = [sys.executable, "-I", "-S", str(replay.site / "verify.py"), str(folder)]
        told = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
        assert (told.returncode, told.stderr) == (0, ""), told.stdout
        assert told.stdout.splitlines()[-1] == "All is well."
        assert "not compared" not in told.stdout  # the version before stands beside it


def test_a_downloaded_version_verifies_wherever_it_is_unpacked(replay: Replay, tmp_path: Path) -> None:
    """As its page says: the archive and verify.py, and nothing else of the site."""
    for version in ("v1.0", "v2.0"):
        shutil.unpack_archive(replay.site / LDN / "archive" / f"{version}.zip", tmp_path)
    shutil.copy(replay.site / "verify.py", tmp_path)
    command = [sys.executable, "-I", "-S", "verify.py", "v2.0/"]
    told = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (told.returncode, told.stdout.splitlines()[-1]) == (0, "All is well.")
    assert not (tmp_path / "v2.0" / "index.html").exists()


def test_the_chain_tells_nothing_of_who_said_what(replay: Replay) -> None:
    """Of all lines only the machine's own, which bind versions, are opened."""
    for path in replay.site.glob("*/v[0-9]*.[0-9]*/chain.json"):
        chain = json.loads(path.read_bytes())
        assert chain["opened"]["by"] == "machine"
        assert b"reader-" not in path.read_bytes()
        assert all(re.fullmatch("[0-9a-f]{64}", seal) for seal in chain["seals"])


def test_the_files_that_a_version_s_page_points_to_are_there(replay: Replay) -> None:
    for page in replay.site.glob("*/v[0-9]*.[0-9]*/index.html"):
        for link in re.findall(r'href="([^"#]+)', page.read_text()):
            parts = urlsplit(link)
            if parts.scheme or link.startswith("data:"):
                continue
            place = (page.parent / parts.path).resolve()
            assert place.is_file() or (place / "index.html").is_file(), (page, link)


def test_feeds_lists_and_the_map_lead_to_pages_that_are_there(replay: Replay) -> None:
    links = []
    for feed in (replay.site / "feed.xml", replay.site / LDN / "feed.xml", replay.site / TEA / "feed.xml"):
        links += [item.attrib["href"] for item in ET.parse(feed).iter(f"{ATOM}link")]
    links += re.findall("<loc>(.*?)</loc>", (replay.site / "sitemap.xml").read_text())
    assert len(links) > 10
    for link in links:
        place = replay.site / urlsplit(link).path.lstrip("/")
        assert place.is_file() or (place / "index.html").is_file(), link
    kinds = {item["tags"][0] for item in json.loads((replay.site / TEA / "feed.json").read_bytes())["items"]}
    assert kinds >= {"version", "notice"}


def test_the_pointers_agree_with_each_other(replay: Replay) -> None:
    for topic in (LDN, TEA):
        versions, latest = (
            json.loads((replay.site / topic / name).read_bytes()) for name in ("versions.json", "latest.json")
        )
        assert latest["version"] == versions["versions"][-1]
        for item in versions["versions"]:
            for name in ("snapshot", "manifest", "cite", "data_package", "archive"):
                assert (replay.site / topic / item[name]).is_file()
            day = json.loads((replay.site / topic / "as-of" / item["date"] / "index.json").read_bytes())
            assert day["date"] == item["date"]


def test_metafor_agrees_with_every_average_of_the_first_review(replay: Replay, tmp_path: Path) -> None:
    if not has_metafor():
        pytest.skip("needs Rscript with the package metafor")
    told = refit(shutil.copytree(replay.site / LDN / "v2.0", tmp_path / "v2.0"))
    assert told.returncode == 0, told.stdout + told.stderr
    rows = list(csv.DictReader(io.StringIO((tmp_path / "v2.0/data/raw/pools.csv").read_text())))
    again = [row for row in rows if not row["left_out"]]
    assert len(again) > 5
    assert told.stdout.splitlines()[-1].startswith(f"{len(again)} averages fitted again with metafor")
    assert told.stdout.count(" agrees\n") == len(again)
    assert told.stdout.count("left out (") == len(rows) - len(again)
