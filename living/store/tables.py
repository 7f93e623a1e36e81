"""Every table of `living.db`: the two chains, the projections rebuilt from them, and what running needs."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Computed, Index, String, Table, UniqueConstraint
from sqlmodel import Field, SQLModel

# Rows of these are written once; triggers refuse every UPDATE and DELETE (schema.py).
APPEND_ONLY = ("ledger", "operation", "payload", "run", "decision", "published")

# --- the chains ---------------------------------------------------------------------------------------------


class LedgerRow(SQLModel, table=True):
    """One fact. `kind` is computed from the body, so that the two cannot disagree outside the hash."""

    __tablename__ = "ledger"
    __table_args__ = (
        CheckConstraint("seq >= 1 AND by <> '' AND length(hash) = 64", name="ck_ledger_line"),
        Index("ix_ledger_kind", "topic", "kind", "seq"),
    )
    topic: str = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    at: str
    by: str
    salt: str
    kind: str = Field(
        sa_column=Column(String, Computed("json_extract(body, '$.kind')", persisted=True), nullable=False)
    )
    body: str
    prev: str
    hash: str


class OperationRow(SQLModel, table=True):
    """What the service did: runs, decisions, publications, deliveries. One chain for the installation."""

    __tablename__ = "operation"
    seq: int = Field(primary_key=True)
    at: str
    kind: str = Field(index=True)
    body: str
    prev: str
    hash: str


# --- projections of the ledger ------------------------------------------------------------------------------


class RecordRow(SQLModel, table=True):
    """The latest content of each record, as far as polling needs it."""

    __tablename__ = "record"
    __table_args__ = (Index("ix_record_source", "topic", "source"),)
    topic: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    source: str
    id: str
    first_seq: int
    last_seq: int
    content_hash: str
    version: int
    seeded: bool
    last_update_posted: str
    status: str
    has_results: bool


class ReleaseRow(SQLModel, table=True):
    """A number bound to a digest."""

    __tablename__ = "release"
    topic: str = Field(primary_key=True)
    version: str = Field(primary_key=True)
    digest: str
    seq: int
    at: str


# --- sources ------------------------------------------------------------------------------------------------


class PayloadRow(SQLModel, table=True):
    """Where raw bytes came from the first time; the bytes lie in a file named by their hash."""

    __tablename__ = "payload"
    sha256: str = Field(primary_key=True)
    source: str
    url: str
    status: int
    content_type: str
    at: str
    size: int


class CursorRow(SQLModel, table=True):
    __tablename__ = "cursor"
    __table_args__ = (CheckConstraint("failures >= 0", name="ck_cursor_failures"),)
    topic: str = Field(primary_key=True)
    source: str = Field(primary_key=True)
    watermark: str | None
    query_digest: str
    last_complete_at: str | None
    last_attempt_at: str | None
    next_due_at: str | None = Field(index=True)
    data_timestamp: str
    translation: str
    failures: int
    last_error: str


class RunRow(SQLModel, table=True):
    """One execution of a search and its count; a complete one reconciles."""

    __tablename__ = "run"
    __table_args__ = (
        CheckConstraint("outcome IN ('complete', 'failed')", name="ck_run_outcome"),
        CheckConstraint(
            "outcome = 'failed' OR (listed = skipped + fetched + absent AND fetched = appended + unchanged)",
            name="ck_run_reconciles",
        ),
        Index("ix_run_source", "topic", "source", "id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    topic: str
    source: str
    at: str
    outcome: str
    mode: str
    window: str
    listed: int
    skipped: int
    fetched: int
    unchanged: int
    appended: int
    absent: int
    first_seq: int
    last_seq: int
    error: str
    payload: str
    notes: str
    details: str


class AbsentRow(SQLModel, table=True):
    """An id a source listed, or once had, and did not deliver; asked for again until it comes or is gone."""

    __tablename__ = "absent"
    topic: str = Field(primary_key=True)
    source: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    first_missed_at: str
    last_missed_at: str
    times: int


# --- versions -----------------------------------------------------------------------------------------------


class DecisionRow(SQLModel, table=True):
    __tablename__ = "decision"
    __table_args__ = (UniqueConstraint("topic", "inputs_digest", name="uq_decision_once"),)
    id: int | None = Field(default=None, primary_key=True)
    topic: str
    inputs_digest: str
    at: str
    level: str
    body: str


class PublishedRow(SQLModel, table=True):
    """A version readers may see, with the ledger head it was printed with."""

    __tablename__ = "published"
    __table_args__ = (UniqueConstraint("topic", "version", name="uq_published_once"),)
    id: int | None = Field(default=None, primary_key=True)
    topic: str
    version: str
    digest: str
    at: str
    manifest_sha256: str
    ledger_seq: int
    ledger_head: str


# --- readers and their letters ------------------------------------------------------------------------------


class SubscriberRow(SQLModel, table=True):
    """The only table with an address; an erased row keeps its opaque id and nothing else."""

    __tablename__ = "subscriber"
    __table_args__ = (
        UniqueConstraint("topic", "address", name="uq_subscriber_address"),
        CheckConstraint("state IN ('pending', 'confirmed', 'left')", name="ck_subscriber_state"),
        CheckConstraint(
            "level IN ('every_bulletin', 'new_study', 'conclusions', 'retraction')",
            name="ck_subscriber_level",
        ),
        CheckConstraint("pace IN ('at_once', 'weekly', 'monthly')", name="ck_subscriber_pace"),
    )
    id: str = Field(primary_key=True)
    topic: str  # empty for the review team, who belong to no topic's readers
    address: str | None = Field(sa_column=Column(String(collation="NOCASE"), nullable=True))
    name: str
    level: str
    state: str
    confirm_hash: str | None = Field(unique=True)
    leave_hash: str | None = Field(unique=True)
    created_at: str
    confirmed_at: str | None
    left_at: str | None
    pace: str
    stopped: str  # why no letter goes there any more although the reader did not leave; else empty


class LetterRow(SQLModel, table=True):
    """The outbox. A row is one letter to one reader about one event, whatever happens to it."""

    __tablename__ = "letter"
    __table_args__ = (
        UniqueConstraint("topic", "event", "subscriber", "kind", name="uq_letter_once"),
        CheckConstraint(
            "state IN ('queued', 'leased', 'sending', 'sent', 'retry', 'failed', 'unknown', 'withdrawn')",
            name="ck_letter_state",
        ),
        CheckConstraint("state <> 'leased' OR lease_owner <> ''", name="ck_letter_lease"),
        Index("ix_letter_due", "state", "next_try_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    topic: str
    event: str
    subscriber: str = Field(foreign_key="subscriber.id", index=True)
    kind: str
    detail: str
    message_id: str = Field(unique=True)
    state: str
    attempts: int
    next_try_at: str
    lease_owner: str
    lease_until: str
    created_at: str
    changed_at: str
    error: str


class HeldRow(SQLModel, table=True):
    """News kept for a reader's next digest; `letter` is the one that told it."""

    __tablename__ = "held"
    __table_args__ = (UniqueConstraint("topic", "event", "subscriber", "kind", name="uq_held_once"),)
    id: int | None = Field(default=None, primary_key=True)
    topic: str
    event: str
    subscriber: str = Field(foreign_key="subscriber.id", index=True)
    kind: str
    detail: str
    at: str
    letter: int | None = Field(foreign_key="letter.id", index=True)


class BounceRow(SQLModel, table=True):
    """A letter that a mail server said it could not deliver, each counted once."""

    __tablename__ = "bounce"
    message_id: str = Field(primary_key=True)
    subscriber: str = Field(foreign_key="subscriber.id", index=True)
    at: str
    why: str


class ToldRow(SQLModel, table=True):
    """An event that letters were made for; readers who come later are not told of it again."""

    __tablename__ = "told"
    topic: str = Field(primary_key=True)
    event: str = Field(primary_key=True)
    at: str


class AskedRow(SQLModel, table=True):
    """A wish for letters that came through the form, under a keyed hash of its address, for a day."""

    __tablename__ = "asked"
    id: int | None = Field(default=None, primary_key=True)
    who: str = Field(index=True)
    at: str = Field(index=True)


# --- people at work -----------------------------------------------------------------------------------------


class ClaimRow(SQLModel, table=True):
    """Who is working on a study. Only a courtesy: it expires, and no fact depends on it."""

    __tablename__ = "claim"
    topic: str = Field(primary_key=True)
    study: str = Field(primary_key=True)
    by: str = Field(primary_key=True)
    at: str
    until: str


# --- the same as SQL sees them; statements are built from these ---------------------------------------------


def _table(model: type[SQLModel]) -> Table:
    return SQLModel.metadata.tables[str(model.__tablename__)]


LEDGER = _table(LedgerRow)
OPERATION = _table(OperationRow)
RECORD = _table(RecordRow)
RELEASE = _table(ReleaseRow)
PAYLOAD = _table(PayloadRow)
CURSOR = _table(CursorRow)
RUN = _table(RunRow)
ABSENT = _table(AbsentRow)
DECISION = _table(DecisionRow)
PUBLISHED = _table(PublishedRow)
SUBSCRIBER = _table(SubscriberRow)
LETTER = _table(LetterRow)
HELD = _table(HeldRow)
BOUNCE = _table(BounceRow)
TOLD = _table(ToldRow)
ASKED = _table(AskedRow)
CLAIM = _table(ClaimRow)
