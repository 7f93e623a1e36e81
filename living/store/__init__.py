"""The only room with SQL: facts are appended, states returned, operations remembered."""

from living.store.assignments import Assignment
from living.store.bounces import Bounce, Counted
from living.store.claims import Claim
from living.store.decisions import StoredDecision
from living.store.digests import DIGEST, Digest, Held
from living.store.ledger import Appended, Entry, HeadMoved
from living.store.lines import Head
from living.store.operations import Operation
from living.store.outbox import CONFIRMATION, DESK, Leased, Letter, NewLetter, Recovered
from living.store.payloads import Payload
from living.store.publication import Published
from living.store.remarks import NewRemark, Remark
from living.store.runs import Absent, Cursor, Details, Marker, Run, StoredRun
from living.store.store import Store
from living.store.subscribers import NewSubscriber, Pace, Standing, Subscriber
from living.store.teamnotes import TASKS, NewNote, TeamNote

__all__ = [
    "CONFIRMATION",
    "DESK",
    "DIGEST",
    "TASKS",
    "Absent",
    "Appended",
    "Assignment",
    "Bounce",
    "Claim",
    "Counted",
    "Cursor",
    "Details",
    "Digest",
    "Entry",
    "Head",
    "HeadMoved",
    "Held",
    "Leased",
    "Letter",
    "Marker",
    "NewLetter",
    "NewNote",
    "NewRemark",
    "NewSubscriber",
    "Operation",
    "Pace",
    "Payload",
    "Published",
    "Recovered",
    "Remark",
    "Run",
    "Standing",
    "Store",
    "StoredDecision",
    "StoredRun",
    "Subscriber",
    "TeamNote",
]
