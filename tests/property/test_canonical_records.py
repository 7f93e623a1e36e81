"""A record's own canonical text is that of every other value, whatever its words hold."""

from hypothesis import given
from hypothesis import strategies as st

from living.model.record import AbstractPart, Identifier, Notice, Record
from living.model.values import canonical, digest
from tests import factories as make

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
SOME = st.lists(WORDS, max_size=3).map(tuple)


@given(title=WORDS, parts=SOME, types=SOME, seeded=st.booleans(), version=st.integers(1, 9))
def test_the_fast_text_of_a_record_is_its_canonical_text(
    title: str, parts: tuple[str, ...], types: tuple[str, ...], seeded: bool, version: int
) -> None:
    record = make.record(
        title=title,
        abstract=tuple(AbstractPart(label=part, text=part) for part in parts),
        types=types,
        identifiers=(Identifier(scheme="doi", value="10.1/x"),),
        notices=(Notice(kind="erratum"), Notice(kind="retraction", record="pubmed:1", text=title)),
        seeded=seeded,
        version=version,
    )
    for one in (record, make.registered(title=title, keywords=types)):
        assert one.canonical() == canonical(one)
        assert Record.model_validate_json(one.canonical()) == one
        content = one.model_dump(mode="json", exclude={"payload", "seeded", "entered", "content_hash"})
        assert one.hashed().content_hash == digest(canonical(content))
