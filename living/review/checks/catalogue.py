"""Every check by its code: how much it weighs, why what it saw is odd, and where that is published."""

from __future__ import annotations

from typing import Literal, NamedTuple

Level = Literal["warning", "impossible"]

HANDBOOK = "Cochrane Handbook 6.5 (2024), section "
GOTZSCHE = "Gøtzsche PC et al. JAMA 2007;298:430-437"
NUIJTEN = "Nuijten MB et al. Behav Res Methods 2016;48:1205-1226 (statcheck)"
ALTMAN = "Altman DG, Bland JM. BMJ 2011;343:d2304"


class Kind(NamedTuple):
    """`why` is one sentence; `suggestion` says what to look at first."""

    title: str
    level: Level
    why: str
    source: str
    suggestion: str


def _warning(title: str, why: str, source: str, suggestion: str) -> Kind:
    return Kind(title, "warning", why, source, suggestion)


def _impossible(title: str, why: str, source: str, suggestion: str) -> Kind:
    return Kind(title, "impossible", why, source, suggestion)


KINDS: dict[str, Kind] = {
    # --- spread ---
    "se_for_sd": _warning(
        "Standard error entered as SD",
        "Reports print SD, SE and the half-width of an interval in the same place, and an SE taken for an SD"
        " makes a trial look several times as precise as it was.",
        HANDBOOK + "6.5.2.2; " + GOTZSCHE,
        "Read the table's head or footnote; if it is a standard error, enter it as SE.",
    ),
    "sd_for_se": _warning(
        "SD entered as standard error",
        "A standard error this large belongs to an SD that the scale cannot hold, or hardly can.",
        HANDBOOK + "6.5.2.2; Popoviciu 1935",
        "Read whether the number is an SD, and on which scale it was measured.",
    ),
    "plus_minus": _warning(
        "± without a name",
        "± can be an SD, a standard error or the half-width of a confidence interval; one trial of"
        " fibromyalgia printed half-widths that a later article quoted as SDs.",
        HANDBOOK + "6.5.2.2; Altman DG, Bland JM. BMJ 2005;331:903",
        "Find where the report says what stands behind ± (methods, table's head) and quote that too.",
    ),
    "unequal_spread": _warning(
        "Very different SDs in the two arms",
        "Randomised arms start alike, so SDs that differ several times over are usually of two kinds.",
        HANDBOOK + "6.5.2; " + GOTZSCHE,
        "Compare both numbers with the table's head.",
    ),
    "large_effect": _warning(
        "Difference of many SDs",
        "Differences this large between treatments hardly occur; the usual cause is a standard error in the"
        " place of an SD.",
        GOTZSCHE,
        "Check the SDs, and the scale of the means.",
    ),
    "paired_spread": _warning(
        "Paired difference against the SDs",
        "The same people were measured twice, and their two values agree at least somewhat: a negative or"
        " impossible correlation says that SDs, size or P do not belong together.",
        HANDBOOK + "23.2.7.1; Elbourne DR et al. Int J Epidemiol 2002;31:140-149",
        "Check whether the SDs are standard errors or half-widths of an interval.",
    ),
    # --- scale ---
    "sd_range": _impossible(
        "SD beyond the scale",
        "Values between the ends of a scale with this mean cannot be spread wider.",
        "Popoviciu 1935; Bhatia R, Davis C. Am Math Monthly 2000;107:353-357",
        "Check the scale, and whether the number is an SD.",
    ),
    "mean_range": _impossible(
        "Mean outside the scale",
        "A mean lies between the lowest and the highest possible value.",
        HANDBOOK + "6.5.1.1",
        "Check the scale and its ends.",
    ),
    "change_range": _impossible(
        "Difference longer than the scale",
        "Nobody can change by more than the whole scale, and so no average can.",
        HANDBOOK + "6.5.1.1",
        "Check the scale, and whether the number is a percentage.",
    ),
    "scale_length": _warning(
        "0-10 or 0-100",
        "The values fill a tenth of the scale, as numbers of a shorter scale would.",
        HANDBOOK + "6.5.1.1",
        "Read the ends of the scale in the report.",
    ),
    "grim": _warning(
        "No such mean of whole numbers (GRIM)",
        "A sum of whole-number answers divided by so many people gives only certain means.",
        "Brown NJL, Heathers JAJ. Soc Psychol Personal Sci 2017;8:363-369 (GRIM)",
        "Check mean and number; averages of several days, imputed or adjusted means are not bound by this.",
    ),
    "grimmer": _warning(
        "No such SD of whole numbers (GRIMMER)",
        "Whole-number answers with this mean allow only certain SDs.",
        "Anaya J. PeerJ Preprints 2016;4:e2400v1 (GRIMMER); Allard A 2018",
        "Check mean, SD and number; averages of several days and imputed values are not bound by this.",
    ),
    # --- agreement of estimate, interval, P and test ---
    "p_against_interval": _warning(
        "P against the interval",
        "Estimate, interval and P of one comparison follow from each other; these do not, however"
        " they were rounded.",
        f"{ALTMAN}; {NUIJTEN}",
        "Check the three numbers and that they are of the same comparison; quote the report's rule for P.",
    ),
    "adjusted_p": _warning(
        "Multiplicity-adjusted P beside an unadjusted interval",
        "The printed P is larger than the interval gives and a small multiple of it, as after a correction"
        " for several comparisons; the interval is then the one to enter.",
        "Hochberg Y. Biometrika 1988;75:800-802; Benjamini Y, Hochberg Y. J R Stat Soc B"
        " 1995;57:289-300; " + ALTMAN,
        "Enter the interval, not P; say in the reason where the report tells of the correction.",
    ),
    "p_against_arms": _warning(
        "P against the two arms",
        "A test of the two means with these SDs and numbers gives a very different P.",
        f"{NUIJTEN}; {HANDBOOK}6.5.2.3",
        "Check SDs and numbers; a P of an adjusted model may differ, but seldom so much.",
    ),
    "statistic": _warning(
        "t against estimate and standard error",
        "The statistic is the estimate divided by its standard error; these three do not agree.",
        f"{HANDBOOK}6.5.2.3; {NUIJTEN}",
        "Check the three numbers and that they are of the same comparison.",
    ),
    "asymmetric": _warning(
        "Estimate not in the middle of its interval",
        "By every usual rule the estimate is the middle of its interval (of a ratio: of the logarithms).",
        f"{HANDBOOK}6.3.1 and 6.3.2",
        "Check the three numbers for a slip; bootstrap and exact intervals may be lopsided: say so.",
    ),
    "se_against_scale": _warning(
        "Standard error against the scale",
        "The SD that follows from this standard error is not one of values on this scale.",
        f"{HANDBOOK}6.5.2.3; Popoviciu 1935",
        "Check the scale's ends, the number of people and whether the spread is an SE or an SD.",
    ),
    # --- people ---
    "too_many": _impossible(
        "More people than were randomised",
        "An analysis of all randomised has nobody beyond them.",
        HANDBOOK + "10.12; CONSORT 2010, item 16",
        "Check both numbers; if people changed arms, the population is not all randomised.",
    ),
    "more_than_randomised": _warning(
        "More people than were randomised",
        "An arm rarely gains people after randomisation.",
        HANDBOOK + "10.12; CONSORT 2010, item 16",
        "Check both numbers, and whether the report analyses people as treated.",
    ),
    "not_all": _warning(
        "Not all randomised",
        "The cell says all randomised, and the numbers are of fewer people.",
        "CONSORT 2010, item 16; " + HANDBOOK + "10.12",
        "Say `completers` or `not_stated`, or say why the report calls this all randomised.",
    ),
    "over_enrolment": _warning(
        "More people than the register has",
        "The arms together hold more people than the trial's registration enrolled.",
        "CONSORT 2010, item 13; De Angelis C et al. N Engl J Med 2004;351:1250-1251",
        "Check the arms, and that this registration is of this trial.",
    ),
    "percentage": _warning(
        "Percentage that fits no count",
        "A share of so many people is a whole number of them; the printed percentage is none.",
        "Brown NJL, Heathers JAJ. Soc Psychol Personal Sci 2017;8:363-369 (GRIM, of 0 and 1)",
        "Check the count, and of how many people the percentage is.",
    ),
    "not_nested": _impossible(
        "More people above the higher bar",
        "Whoever has the larger improvement has the smaller one too, so the stricter count cannot be larger.",
        HANDBOOK + "6.4.1; Dworkin RH et al. J Pain 2008;9:105-121",
        "Check which row is which.",
    ),
    "added_counts": _warning(
        "Two responder counts added",
        "The people above the higher bar are part of those above the lower one; adding the two counts some"
        " twice, as in a published meta-analysis that was corrected later.",
        HANDBOOK + "6.4.1; Bruun KD. Korean J Pain 2026;39:140-143 (letter)",
        "Enter the count of the lower bar as it stands in the report.",
    ),
    # --- direction ---
    "sign": _warning(
        "Sign against the words",
        "The words tell the direction, and the entered sign says the opposite; a lower score is negative"
        " here.",
        HANDBOOK + "6.5.1.2; " + GOTZSCHE,
        "Enter a fall as a negative change, whatever sign the report prints.",
    ),
    "against_arms": _warning(
        "Direction against the arms",
        "The difference of the arms' own means points the other way.",
        HANDBOOK + "6.5.1.2; " + GOTZSCHE,
        "Experimental minus control: check which arm was subtracted from which.",
    ),
    # --- design ---
    "crossover_independent": _impossible(
        "Crossover entered as two groups",
        "Each person is compared with themselves; as two groups, people are counted twice and the spread"
        " within persons is lost.",
        HANDBOOK + "23.2.6; Elbourne DR et al. Int J Epidemiol 2002;31:140-149",
        "Enter the paired difference or both period means, or say in the notes that this is the first"
        " period only.",
    ),
    "crossover_periods": _warning(
        "Crossover with unequal periods or no washout",
        "With periods of different length or without washout the second period carries the first one"
        " with it.",
        HANDBOOK + "23.2; Senn S. Cross-over Trials in Clinical Research, 2002, chapter 1",
        "Enter the first period where it is reported; otherwise say why the whole trial stands.",
    ),
    "baseline_sd": _warning(
        "d standardised by the baseline SD",
        "A d divided by the baseline SD and one divided by the SD of change or of final values are different"
        " quantities and are not pooled as one.",
        "Morris SB. Organ Res Methods 2008;11:364-386; " + HANDBOOK + "6.5.1.2",
        "Enter the difference in points instead, or name the standardiser in the reason.",
    ),
    "events_not_people": _warning(
        "Events, or participants",
        "One person can have several events: participants with an event have a risk, events a rate.",
        HANDBOOK + "6.7.1 and 10.4",
        "Read whether the report counts people or events.",
    ),
    "no_person_time": _warning(
        "Rate without person-time",
        "A rate ratio needs the events and the time at risk of both groups; without that time the events are"
        " described and not pooled.",
        HANDBOOK + "6.7.1",
        "Look for person-weeks, or the mean time on treatment and the people; leave it out where there"
        " is none.",
    ),
    "person_time": _warning(
        "Person-time beyond the trial",
        "So many people followed for so long cannot have spent so much time.",
        HANDBOOK + "6.7.1",
        "Check the unit (weeks, months, years).",
    ),
    "shared_control": _warning(
        "One control group in two comparisons",
        "Two comparisons with the same control people, pooled together, would count these people twice.",
        HANDBOOK + "23.3.4",
        "Combine the experimental arms, or split the control group; say which.",
    ),
    "co_intervention": _warning(
        "The arms differ in more than the treatment",
        "In a factorial or multi-arm trial only arms with the same co-intervention compare the treatment"
        " alone.",
        HANDBOOK + "23.3.6",
        "Choose the arms that differ in the treatment only.",
    ),
    "which_arm": _warning(
        "Several arms of this intervention",
        "The study has more than one arm of the named intervention, so the intervention does not say which.",
        HANDBOOK + "23.3.4",
        "Name the arm by its own id.",
    ),
    # --- time and sameness ---
    "outside_windows": _warning(
        "Time point in no window",
        "No analysis of this review takes a result from this time.",
        HANDBOOK + "3.2.4",
        "Check the weeks; months and days are converted first.",
    ),
    "time_unit": _warning(
        "Weeks, or months",
        "The report's words give the same number as months or days.",
        HANDBOOK + "5.3",
        "Convert to weeks: a month is 4.35 weeks.",
    ),
    "baseline_values": _warning(
        "Baseline values",
        "The words beside the number speak of the start of the trial, and the cell of its end.",
        HANDBOOK + "6.5.2.8",
        "Check the column of the table.",
    ),
    "same_in_both_arms": _warning(
        "The same numbers in both arms",
        "Mean and SD agree to the last digit in both arms.",
        GOTZSCHE,
        "Check that one arm's numbers were not entered twice.",
    ),
    "duplicate": _warning(
        "The numbers of another cell",
        "Two different cells hold the same numbers.",
        GOTZSCHE,
        "Check that the numbers of one row were not entered twice.",
    ),
}  # fmt: skip
