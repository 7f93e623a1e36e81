"""The tables of people at work: accounts, sessions, drafts, remarks, uploads. No fact depends on them."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, String, Table, UniqueConstraint
from sqlmodel import Field, SQLModel

# --- accounts -----------------------------------------------------------------------------------------------


class AccountRow(SQLModel, table=True):
    """Somebody who may sign in. `id` stands on the ledger; login, name and address can be erased."""

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("state IN ('invited', 'active', 'closed')", name="ck_account_state"),
        CheckConstraint("letters IN ('at_once', 'daily', 'none')", name="ck_account_letters"),
    )
    id: str = Field(primary_key=True)
    login: str | None = Field(sa_column=Column(String(collation="NOCASE"), unique=True, nullable=True))
    name: str
    address: str | None
    password_hash: str
    totp_secret: str
    totp_confirmed: bool
    totp_last: int  # the last counter used, so that no code works twice
    state: str
    letters: str
    created_at: str
    changed_at: str


class RoleRow(SQLModel, table=True):
    """A role somebody holds in a topic; an empty topic is every topic."""

    __tablename__ = "role"
    topic: str = Field(primary_key=True)
    account: str = Field(primary_key=True, foreign_key="account.id")
    role: str = Field(primary_key=True)
    at: str
    by: str


class SessionRow(SQLModel, table=True):
    """One signed-in browser; only the hash of its cookie is kept."""

    __tablename__ = "session"
    token_hash: str = Field(primary_key=True)
    account: str = Field(foreign_key="account.id", index=True)
    csrf: str
    created_at: str
    seen_at: str
    until: str
    password_at: str  # when the password was last typed in
    agent: str
    told: str  # the sentence that the next page shows


class OnetimeRow(SQLModel, table=True):
    """A link that works once: the first administrator, an invitation, a new password."""

    __tablename__ = "onetime"
    __table_args__ = (CheckConstraint("purpose IN ('first', 'invite', 'reset')", name="ck_onetime_purpose"),)
    token_hash: str = Field(primary_key=True)
    purpose: str
    account: str  # empty for the first administrator, who has none yet
    created_at: str
    until: str
    used_at: str | None


class AttemptRow(SQLModel, table=True):
    """A sign-in that failed, under keyed hashes of the name tried and of the place it came from."""

    __tablename__ = "attempt"
    id: int | None = Field(default=None, primary_key=True)
    who: str = Field(index=True)
    place: str = Field(index=True)
    at: str = Field(index=True)


# --- what is typed and not yet said -------------------------------------------------------------------------


class DraftRow(SQLModel, table=True):
    """One saved state of a form; rows are only added, so nothing typed is overwritten.

    `base` is the revision the person had on the screen; a save on an older one stands beside the newer.
    """

    __tablename__ = "draft"
    __table_args__ = (Index("ix_draft_by", "by", "at"),)
    topic: str = Field(primary_key=True)
    form: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    by: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    base: int
    body: str
    at: str
    state: str  # open, handed_in, dropped


class HandedRow(SQLModel, table=True):
    """A form that was handed in, by the key it carried: pressing twice says once."""

    __tablename__ = "handed"
    key: str = Field(primary_key=True)
    by: str
    at: str
    told: str


# --- work together ------------------------------------------------------------------------------------------


class RemarkRow(SQLModel, table=True):
    """A remark beside a study or a cell. Words between people: no fact, and erasable."""

    __tablename__ = "remark"
    __table_args__ = (Index("ix_remark_study", "topic", "study"),)
    id: int | None = Field(default=None, primary_key=True)
    topic: str
    study: str
    cell: str  # the cell's canonical JSON, or empty for the study
    by: str
    at: str
    text: str
    answers: int | None
    done: bool


class AssignmentRow(SQLModel, table=True):
    """Somebody was asked to do something; others may still do it."""

    __tablename__ = "assignment"
    topic: str = Field(primary_key=True)
    study: str = Field(primary_key=True)
    task: str = Field(primary_key=True)
    account: str = Field(primary_key=True)
    by: str
    at: str


class TeamNoteRow(SQLModel, table=True):
    """News of a task for one person, kept until a letter tells it; each told once."""

    __tablename__ = "team_note"
    __table_args__ = (UniqueConstraint("topic", "account", "event", name="uq_team_note_once"),)
    id: int | None = Field(default=None, primary_key=True)
    topic: str
    account: str = Field(index=True)
    event: str
    detail: str
    at: str
    letter: int | None


class UploadRow(SQLModel, table=True):
    """A report's file for the team's eyes; never published."""

    __tablename__ = "upload"
    topic: str = Field(primary_key=True)
    record: str = Field(primary_key=True)
    sha256: str = Field(primary_key=True)
    name: str
    size: int
    pages: int
    by: str
    at: str
    removed_at: str | None


# --- the same as SQL sees them ------------------------------------------------------------------------------


def _table(model: type[SQLModel]) -> Table:
    return SQLModel.metadata.tables[str(model.__tablename__)]


ACCOUNT = _table(AccountRow)
ROLE = _table(RoleRow)
SESSION = _table(SessionRow)
ONETIME = _table(OnetimeRow)
ATTEMPT = _table(AttemptRow)
DRAFT = _table(DraftRow)
HANDED = _table(HandedRow)
REMARK = _table(RemarkRow)
ASSIGNMENT = _table(AssignmentRow)
TEAM_NOTE = _table(TeamNoteRow)
UPLOAD = _table(UploadRow)
