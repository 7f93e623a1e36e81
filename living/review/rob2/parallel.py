"""RoB 2 for trials that randomise people to parallel groups, for the effect of assignment.

**Source**: Sterne JAC et al., BMJ 2019;366:l4898, and the full guidance of 22 August 2019 (Higgins, Savović,
Page, Elbers, Sterne). Questions in our own words under the published numbers. The guidance itself was not at
hand when this was written: the tables were set down from knowledge of it and compared with two independent
public transcriptions of its flowcharts, which agree with every row.
"""

from __future__ import annotations

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
    all_of,
    any_of,
    row,
)

CONCEALED = (
    row("high", q1_2=NO),
    row("high", q1_2=UNKNOWN, q1_3=YES),
    row("some_concerns", q1_2=UNKNOWN, q1_3=NOT_YES),
    row("some_concerns", q1_2=YES, q1_1=NO),
    row("some_concerns", q1_2=YES, q1_1=NOT_NO, q1_3=YES),
    row("low", q1_2=YES, q1_1=NOT_NO, q1_3=NOT_YES),
)
RANDOMISATION = Domain(
    "D1",
    "randomisation",
    (
        Question(
            "1.1",
            "Was the order in which people were allocated random?",
            "Yes for computer, table, coin or lots; no for dates, record numbers or alternation; no "
            "information when the report says no more than 'randomised'.",
        ),
        Question(
            "1.2",
            "Was the next allocation hidden until somebody was enrolled and assigned?",
            "Yes for a central office, a pharmacy, or sealed opaque numbered containers.",
        ),
        Question(
            "1.3",
            "Do differences between the groups at baseline suggest that randomisation went wrong?",
            "Differences that chance explains are no reason for a yes.",
        ),
    ),
    (CONCEALED,),
)

DEVIATIONS = (
    row("low", q2_3=SKIPPED),
    row("low", q2_3=NO),
    row("some_concerns", q2_3=UNKNOWN),
    row("some_concerns", q2_3=YES, q2_4=NO),
    row("some_concerns", q2_3=YES, q2_4=NOT_NO, q2_5=YES),
    row("high", q2_3=YES, q2_4=NOT_NO, q2_5=NOT_YES),
)
ANALYSED = (
    row("low", q2_6=YES),
    row("some_concerns", q2_6=NOT_YES, q2_7=NO),
    row("high", q2_6=NOT_YES, q2_7=NOT_NO),
)
CONTEXT = (
    Question(
        "2.4",
        "Were these departures likely to have affected the outcome?",
        when=all_of(q2_3=YES),
    ),
    Question(
        "2.5",
        "Were these departures balanced between the groups?",
        when=all_of(q2_4=NOT_NO),
    ),
    Question(
        "2.6",
        "Was the analysis a fitting one for the effect of being assigned to the treatment?",
        "Yes when everybody is analysed in the group assigned, apart from those without an outcome; no when "
        "people are moved to the treatment they took, or left out for not taking it.",
    ),
    Question(
        "2.7",
        "Could analysing people outside their assigned group have changed the result substantially?",
        when=all_of(q2_6=NOT_YES),
    ),
)
ARISEN = "Were there departures from the assigned treatment that arose because of the trial?"
ARISEN_HINT = "Stopping for side effects, as in ordinary care, is no such departure."
ASSIGNMENT = Domain(
    "D2",
    "deviations from the assigned treatment",
    (
        Question("2.1", "Did the participants know during the trial which treatment they had?"),
        Question("2.2", "Did those who cared for them or gave the treatment know it?"),
        Question("2.3", ARISEN, ARISEN_HINT, any_of(q2_1=NOT_NO, q2_2=NOT_NO)),
        *CONTEXT,
    ),
    (DEVIATIONS, ANALYSED),
)

MISSING_ROWS = (
    row("low", q3_1=YES),
    row("low", q3_2=YES),
    row("low", q3_3=NO),
    row("some_concerns", q3_4=NO),
    row("high", q3_4=NOT_NO),
)
MISSING_REASONS = (
    Question(
        "3.3",
        "Could it depend on the outcome's true value whether the outcome is missing?",
        when=all_of(q3_2=NO),
    ),
    Question(
        "3.4",
        "Is it likely that it did depend on the true value?",
        "For example when more people left one group, or left for lack of effect.",
        all_of(q3_3=NOT_NO),
    ),
)
UNBIASED = "Is there evidence that the missing data did not bias the result?"
UNBIASED_HINT = (
    "An analysis that corrects for bias, or a sensitivity analysis; filling in the last value is none."
)
MISSING = Domain(
    "D3",
    "missing outcome data",
    (
        Question(
            "3.1",
            "Is the outcome there for all, or nearly all, who were randomised?",
            "Nearly all: so few are missing that their outcomes could not have changed the result.",
        ),
        Question("3.2", UNBIASED, UNBIASED_HINT, all_of(q3_1=NOT_YES), WITHOUT_UNKNOWN),
        *MISSING_REASONS,
    ),
    (MISSING_ROWS,),
)

MEASURED = (
    row("high", q4_1=YES),
    row("high", q4_1=NOT_YES, q4_2=YES),
    row("low", q4_2=NO, q4_3=NO),
    row("low", q4_2=NO, q4_4=NO),
    row("some_concerns", q4_2=NO, q4_5=NO),
    row("high", q4_2=NO, q4_5=NOT_NO),
    row("some_concerns", q4_2=UNKNOWN, q4_3=NO),
    row("some_concerns", q4_2=UNKNOWN, q4_4=NO),
    row("some_concerns", q4_2=UNKNOWN, q4_5=NO),
    row("high", q4_2=UNKNOWN, q4_5=NOT_NO),
)
METHOD = (
    Question("4.1", "Was the outcome measured by an unsuitable method?"),
    Question("4.2", "Could it have been measured or noticed differently in the groups?"),
)
INFLUENCED = (
    Question(
        "4.4",
        "Could knowing the treatment have influenced the assessment?",
        "Yes for most outcomes that people report themselves; no for death from any cause.",
        all_of(q4_3=NOT_NO),
    ),
    Question("4.5", "Is it likely that it did?", when=all_of(q4_4=NOT_NO)),
)
AWARE = "Did those who assessed the outcome know the treatment?"
AWARE_HINT = "Who reports their own pain assesses it."
MEASUREMENT = Domain(
    "D4",
    "measurement of the outcome",
    (
        *METHOD,
        Question("4.3", AWARE, AWARE_HINT, all_of(q4_1=NOT_YES, q4_2=NOT_YES)),
        *INFLUENCED,
    ),
    (MEASURED,),
)

SELECTED = (
    row("high", q5_2=YES),
    row("high", q5_2=NOT_YES, q5_3=YES),
    row("low", q5_1=YES, q5_2=NO, q5_3=NO),
    row("some_concerns", q5_1=NOT_YES, q5_2=NO, q5_3=NO),
    row("some_concerns", q5_2=UNKNOWN, q5_3=NOT_YES),
    row("some_concerns", q5_2=NO, q5_3=UNKNOWN),
)
REPORTED = (
    Question(
        "5.1",
        "Was the analysis the one planned before anybody saw unblinded outcomes?",
        "No information when no plan or registration from before that day was found.",
    ),
    Question(
        "5.2",
        "Was the result likely picked, for what it showed, from several measurements of the outcome?",
        "Several scales, definitions or times.",
    ),
    Question(
        "5.3",
        "Was it likely picked, for what it showed, from several analyses of the data?",
        "Adjusted and unadjusted, final and change, several sets of people.",
    ),
)
SELECTION = Domain("D5", "selection of the reported result", REPORTED, (SELECTED,))

DOMAINS = (RANDOMISATION, ASSIGNMENT, MISSING, MEASUREMENT, SELECTION)
