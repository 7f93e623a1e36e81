"""The checks over the numbers of published meta-analyses: hardly a question, and each with a reason.

Normand 1999, Stat Med 18:321-359: in Orpington-Moderate the days in hospital, 64 and 119, differ by 2.3 SDs.
Its SDs (17 and 29 days) are small beside those of trials with such means (Edinburgh: 47 and 64), so a check
for standard errors in the place of SDs rightly stops there; the size may still be real.
"""

import csv
from pathlib import Path

from living.review.checks import examine
from tests.unit.review.checks.scene import LDN, cell, counts, means, people

DATA = Path(__file__).with_name("data")


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_of_nine_trials_of_stroke_care_one_is_asked_about() -> None:
    asked = {}
    for row in rows("normand1999.csv"):
        one, two = ((int(row[f"n{i}i"]), float(row[f"m{i}i"]), float(row[f"sd{i}i"])) for i in (1, 2))
        found = examine(cell(means(one, two), scale=""), LDN)
        if found:
            asked[row["source"]] = [(item.code, item.saw) for item in found]
    told = "the means differ by 2.31 SDs; were these standard errors, by 0.271"
    assert asked == {"Orpington-Moderate": [("large_effect", told)]}


def test_counts_of_published_trials_raise_no_question() -> None:
    examined = 0
    for name in ("hine1989.csv", "li2007.csv", "yusuf1985.csv"):
        for row in (row for row in rows(name) if row["ai"]):  # a trial without counts has a blank line
            arms = counts((int(row["ai"]), int(row["n1i"])), (int(row["ci"]), int(row["n2i"])))
            assert examine(people(arms), LDN) == (), row
            examined += 1
    assert examined > 40
