"""Every address of the workbench, one list; `policy.MAY` says who may use each."""

from __future__ import annotations

from living.web.desk import (
    account,
    daily,
    exchange,
    judging,
    linking,
    papers,
    people,
    reading,
    screening,
    settling,
    signing,
)
from living.web.desk.visit import Route

ROUTES: tuple[Route, ...] = (
    *account.ROUTES,
    *daily.ROUTES,
    *exchange.ROUTES,
    *judging.ROUTES,
    *linking.ROUTES,
    *papers.ROUTES,
    *people.ROUTES,
    *screening.ROUTES,
    *settling.ROUTES,
    *signing.ROUTES,
    *reading.ROUTES,
)
