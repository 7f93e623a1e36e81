"""The only room with SQL: facts are appended, states returned, operations remembered."""

from living.store.bounces import Bounce, Counted
from living.store.claims import Claim
from living.store.decisions import StoredDecision
from living.store.digests import DIGEST, Digest, Held
from living.store.ledger import Appended, Entry, HeadMoved
from living.store.lines import Head
from living.store.operations import Operation
from living.store.outbox import CONFIRMATION, Leased, Letter, NewLetter, Recovered
from living.store.payloads import Payload
from living.store.publication import Published
from living.store.runs import Absent, Cursor, Marker, Run, StoredRun
from living.store.store import Store
from living.store.subscribers import NewSubscriber, Pace, Standing, Subscriber

__all__ = [
    "CONFIRMATION",
    "DIGEST",
    "Absent",
    "Appended",
    "Bounce",
    "Claim",
    "Counted",
    "Cursor",
    "Digest",
    "Entry",
    "Head",
    "HeadMoved",
    "Held",
    "Leased",
    "Letter",
    "Marker",
    "NewLetter",
    "NewSubscriber",
    "Operation",
    "Pace",
    "Payload",
    "Published",
    "Recovered",
    "Run",
    "Standing",
    "Store",
    "StoredDecision",
    "StoredRun",
    "Subscriber",
]
