"""RoB 2 for trials that randomise clusters: recruitment into clusters, and questions split in two.

**Source**: RoB 2 for cluster-randomised trials, version of 18 March 2021 (Eldridge, Campbell, Campbell,
Drahota, Giraudeau, Reeves, Siegfried, Higgins), for parallel clusters; stepped wedges are not covered. The
document could not be read when this was written; numbers, routing and rows follow a public transcription of
its flowcharts. That transcription sends departures without effect on the outcome (2.4 no) to low; the
guidance for parallel groups says some concerns, and the more careful row stands here.
"""

from __future__ import annotations

from dataclasses import replace

from living.review.rob2.parallel import (
    ANALYSED,
    ARISEN,
    ARISEN_HINT,
    AWARE,
    AWARE_HINT,
    CONCEALED,
    CONTEXT,
    DEVIATIONS,
    INFLUENCED,
    METHOD,
    MISSING_REASONS,
    MISSING_ROWS,
    SELECTION,
    UNBIASED,
    UNBIASED_HINT,
)
from living.review.rob2.tables import (
    NO,
    NOT_NO,
    NOT_YES,
    SKIPPED,
    UNKNOWN,
    WITHOUT_UNKNOWN,
    YES,
    Domain,
    Question,
    Row,
    all_of,
    any_of,
    row,
)


def _split(rows: tuple[Row, ...], old: str, new: str) -> tuple[Row, ...]:
    """The same rows, asking another question in the place of one."""
    return tuple(
        Row({(new if name == old else name): wanted for name, wanted in one.when.items()}, one.risk)
        for one in rows
    )


_CLUSTERED = _split(_split(_split(CONCEALED, "1.1", "1a.1"), "1.2", "1a.2"), "1.3", "1a.3")
RANDOMISATION = Domain(
    "D1",
    "randomisation",
    (
        Question(
            "1a.1",
            "Was the order in which clusters were allocated random?",
            "No for allocation by place, date or judgement.",
        ),
        Question("1a.2", "Was the next allocation hidden until clusters were enrolled and assigned?"),
        Question(
            "1a.3",
            "Do differences between the groups at baseline suggest that randomisation went wrong?",
            "Few clusters differ by chance; what recruitment explains belongs to the next part.",
        ),
    ),
    (_CLUSTERED,),
)
RECRUITMENT = Domain(
    "D1b",
    "recruitment into clusters",
    (
        Question(
            "1b.1",
            "Were all participants identified, and recruited if at all, before clusters were randomised?",
        ),
        Question(
            "1b.2",
            "Is it likely that knowing the cluster's treatment affected who was selected?",
            when=all_of(q1b_1=NOT_YES),
        ),
        Question(
            "1b.3",
            "Do differences at baseline suggest that people were selected differently in the groups?",
            when=all_of(q1b_2=NOT_YES),
        ),
    ),
    (
        (
            row("low", q1b_1=YES),
            row("high", q1b_2=YES),
            row("low", q1b_2=NO, q1b_3=NOT_YES),
            row("some_concerns", q1b_2=NO, q1b_3=YES),
            row("some_concerns", q1b_2=UNKNOWN, q1b_3=NOT_YES),
            row("high", q1b_2=UNKNOWN, q1b_3=YES),
        ),
    ),
)
ASSIGNMENT = Domain(
    "D2",
    "deviations from the assigned treatment",
    (
        Question("2.1a", "Did the participants know that they were in a trial?"),
        Question(
            "2.1b",
            "Did they know during the trial which treatment they had?",
            when=all_of(q2_1a=NOT_NO),
        ),
        Question("2.2", "Did those who cared for them or gave the treatment know it?"),
        Question("2.3", ARISEN, ARISEN_HINT, any_of(q2_1b=NOT_NO, q2_2=NOT_NO)),
        *CONTEXT,
    ),
    (DEVIATIONS, ANALYSED),
)
MISSING = Domain(
    "D3",
    "missing outcome data",
    (
        Question("3.1a", "Is the outcome there for every cluster that recruited participants?"),
        Question("3.1b", "Is it there for all, or nearly all, participants within the clusters?"),
        Question("3.2", UNBIASED, UNBIASED_HINT, any_of(q3_1a=NOT_YES, q3_1b=NOT_YES), WITHOUT_UNKNOWN),
        *MISSING_REASONS,
    ),
    ((row("low", q3_2=SKIPPED), *MISSING_ROWS[1:]),),
)
MEASUREMENT = Domain(
    "D4",
    "measurement of the outcome",
    (
        *METHOD,
        Question(
            "4.3a",
            "Did those who assessed the outcome know that there was a trial?",
            "Who reports their own outcome without knowing of a trial cannot be swayed by it.",
            all_of(q4_1=NOT_YES, q4_2=NOT_YES),
        ),
        Question("4.3b", AWARE, AWARE_HINT, all_of(q4_3a=NOT_NO)),
        replace(INFLUENCED[0], when=all_of(q4_3b=NOT_NO)),
        INFLUENCED[1],
    ),
    (
        (
            row("high", q4_1=YES),
            row("high", q4_1=NOT_YES, q4_2=YES),
            row("low", q4_2=NO, q4_3a=NO),
            row("low", q4_2=NO, q4_3b=NO),
            row("low", q4_2=NO, q4_4=NO),
            row("some_concerns", q4_2=NO, q4_5=NO),
            row("high", q4_2=NO, q4_5=NOT_NO),
            row("some_concerns", q4_2=UNKNOWN, q4_3a=NO),
            row("some_concerns", q4_2=UNKNOWN, q4_3b=NO),
            row("some_concerns", q4_2=UNKNOWN, q4_4=NO),
            row("some_concerns", q4_2=UNKNOWN, q4_5=NO),
            row("high", q4_2=UNKNOWN, q4_5=NOT_NO),
        ),
    ),
)
DOMAINS = (RANDOMISATION, RECRUITMENT, ASSIGNMENT, MISSING, MEASUREMENT, SELECTION)
