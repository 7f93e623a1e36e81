"""Bodies that are cut, swollen or followed by something, byte by byte."""

import gzip
from pathlib import Path

import pytest

from living.errors import SourceError
from living.sources import ctgov, pubmed
from living.sources.transfer import Broken, _Gunzip, session
from tests.standin.synthetic import study_json

BODY = (Path(__file__).parents[2] / "payloads/sources/synthetic_traps.xml").read_bytes()


def unpack(packed: bytes, cap: int = 1_000_000, step: int = 7) -> bytes:
    decode = _Gunzip(cap)
    for start in range(0, len(packed), step):
        decode.add(packed[start : start + step])
    return decode.end()


def test_a_compressed_body_is_unpacked_however_it_is_cut_into_chunks() -> None:
    packed = gzip.compress(BODY)
    assert unpack(packed) == unpack(packed, step=len(packed)) == BODY
    assert unpack(b"") == b""


def test_a_compressed_body_cut_at_any_byte_is_refused() -> None:
    packed = gzip.compress(BODY[:2000])
    for length in range(1, len(packed)):
        with pytest.raises(Broken):
            unpack(packed[:length], step=length)


def test_a_compressed_body_with_one_wrong_byte_is_refused() -> None:
    packed = bytearray(gzip.compress(BODY))
    packed[len(packed) // 2] ^= 1
    with pytest.raises(Broken):
        unpack(bytes(packed))


def test_bytes_after_the_end_of_a_compressed_body_are_refused() -> None:
    with pytest.raises(Broken, match="follow"):
        unpack(gzip.compress(BODY) + b"more")


def test_the_cap_holds_for_what_is_unpacked_to_the_byte() -> None:
    packed = gzip.compress(b"x" * 1000)
    assert len(unpack(packed, cap=1000)) == 1000
    with pytest.raises(Broken, match="larger"):
        unpack(packed, cap=999)


def test_xml_cut_at_any_byte_is_refused() -> None:
    for length in range(0, len(BODY.rstrip()), 97):
        with pytest.raises(SourceError):
            list(pubmed.parse(BODY[:length]))


def test_json_cut_at_any_byte_is_refused() -> None:
    body = str(study_json("NCT09990001")).replace("'", '"').replace("False", "false").encode()
    assert len(list(ctgov.parse(body))) == 1
    for length in range(0, len(body), 23):
        with pytest.raises(SourceError):
            list(ctgov.parse(body[:length]))


def test_a_session_checks_certificates_and_reads_no_environment() -> None:
    with session("living-review/1.0") as made:
        assert made.verify is True
        assert made.trust_env is False
