"""Every address of the workbench, one list; `policy.MAY` says who may use each."""

from __future__ import annotations

from living.web.desk import (
    account,
    agreement,
    audit,
    daily,
    exchange,
    home,
    importing,
    judging,
    linking,
    papers,
    people,
    queue,
    reading,
    registrations,
    remarks,
    screening,
    settling,
    signing,
    strategy,
    studies,
)
from living.web.desk.visit import Route

ROUTES: tuple[Route, ...] = (
    *account.ROUTES,
    *agreement.ROUTES,
    *audit.ROUTES,
    *daily.ROUTES,
    *exchange.ROUTES,
    *home.ROUTES,
    *importing.ROUTES,
    *judging.ROUTES,
    *linking.ROUTES,
    *papers.ROUTES,
    *people.ROUTES,
    *queue.ROUTES,
    *registrations.ROUTES,
    *remarks.ROUTES,
    *screening.ROUTES,
    *settling.ROUTES,
    *signing.ROUTES,
    *strategy.ROUTES,
    *studies.ROUTES,
    *reading.ROUTES,
)
