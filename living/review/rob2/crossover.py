"""RoB 2 for crossover trials: the parallel questions, period and carry-over, and one more on selection.

**Source**: RoB 2 for crossover trials, version of 18 March 2021 (Higgins, Li, Altman, Curtin, Sterne, Senn).
The document could not be read when this was written. The numbers and the sense of S.1 to S.3 and 5.4 are set
down from knowledge of it; its flowchart for domain S was not at hand, so the rows of `CARRIED_OVER` are our
reading of its criteria: too short a time is high, period effects left open are some concerns, and neither
known is some concerns as well. Who disagrees overrides the suggestion, with a reason.
"""

from __future__ import annotations

from dataclasses import replace

from living.review.rob2.parallel import (
    ASSIGNMENT,
    MEASUREMENT,
    MISSING,
    RANDOMISATION,
    REPORTED,
    SELECTED,
)
from living.review.rob2.tables import NO, NOT_YES, SKIPPED, UNKNOWN, YES, Domain, Question, all_of, row

CARRIED_OVER = (
    row("high", S_3=NO),
    row("low", S_3=YES, S_2=SKIPPED),
    row("low", S_3=YES, S_2=YES),
    row("some_concerns", S_3=YES, S_2=NOT_YES),
    row("some_concerns", S_3=UNKNOWN),
)
PERIODS = Domain(
    "DS",
    "period and carry-over",
    (
        Question(
            "S.1",
            "Did equal, or nearly equal, numbers of people start with each treatment?",
            "Then a difference between the periods falls on both treatments alike.",
        ),
        Question(
            "S.2",
            "Did the analysis take differences between the periods into account?",
            when=all_of(S_1=NOT_YES),
        ),
        Question(
            "S.3",
            "Was there time enough for the first treatment to have worn off before the second was assessed?",
            "A washout, or a period long enough; a test for carry-over does not answer it.",
        ),
    ),
    (CARRIED_OVER,),
)
WITHHELD = (row("high", q5_4=YES), row("some_concerns", q5_4=UNKNOWN), row("low", q5_4=NO))
FIRST_PERIOD = Question(
    "5.4",
    "Is a result of both periods wanted and withheld, because a carry-over had been found?",
    "No when both periods are in the result that is judged.",
)
BASELINE = Question(
    "1.3",
    "Do differences before the first period between those who began with each treatment suggest that "
    "randomisation went wrong?",
    "Differences that chance explains are no reason for a yes.",
)
DOMAINS = (
    replace(RANDOMISATION, questions=(*RANDOMISATION.questions[:2], BASELINE)),
    PERIODS,
    ASSIGNMENT,
    MISSING,
    MEASUREMENT,
    Domain("D5", "selection of the reported result", (*REPORTED, FIRST_PERIOD), (SELECTED, WITHHELD)),
)
