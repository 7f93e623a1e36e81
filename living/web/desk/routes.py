"""Every address of the workbench, one list; `policy.MAY` says who may use each."""

from __future__ import annotations

from living.web.desk import account, judging, people
from living.web.desk.visit import Route

ROUTES: tuple[Route, ...] = (
    *account.ROUTES,
    *judging.ROUTES,
    *people.ROUTES,
)
