"""The form as a file: what it shows, what it takes back, and one clear line for what is wrong."""

import re
from typing import Any

import pytest

from living.errors import UserError
from living.model.facts import Extraction
from living.model.numbers import EventCounts, NoNumbers, ReportedContrast
from living.review.evidence import Evidence
from living.review.form import SHAPES, Form, blank_form, read_form, read_ruling
from tests import factories as make
from tests.unit.review.scenes import (
    V2,
    Entry,
    changed,
    difference,
    evidence,
    ldn,
    read,
    seeded,
    then,
    toy,
    what,
)

TODAY = "2026-07-01"
KEY = "pubmed:90000002"
LDN = evidence(ldn(V2))
TOY = evidence(seeded())
HEAD = f'study = "{KEY}"\n'
WORDS = "40 and 40 people; difference in change -0.5 (95% CI -1.5 to 0.5)"
NUMBERS = """numbers.shape = "reported_contrast"
numbers.estimand = "change"
numbers.estimate = -0.5
numbers.precision = { by = "ci", low = -1.5, high = 0.5 }
numbers.n_experimental = 40
numbers.n_control = 40
"""


def extraction(numbers: str = NUMBERS, words: str = WORDS, **cell: str) -> str:
    given = {
        "outcome": '"ache"',
        "experimental": '"remedy"',
        "control": '"placebo"',
        "scale": '"nrs"',
        "weeks": "12",
        "estimand": '"change"',
    }
    lines = [f"cell.{name} = {value}" for name, value in (given | cell).items() if value]
    quote = f'quotes = [{{ report = "{KEY}", locator = "abstract", text = "{words}" }}]'
    return "\n".join(["[[extractions]]", *lines, numbers.rstrip(), quote, ""])


def taken(text: str, about: Evidence = TOY) -> Form:
    return read_form(text, "form.toml", about, TODAY)


def fault(text: str, about: Evidence = TOY) -> str:
    with pytest.raises(UserError) as caught:
        taken(text, about)
    told = str(caught.value)
    assert "\n" not in told
    assert told.startswith("form.toml")
    return told


def uncommented(form: str, start: str) -> str:
    """One part of a blank form, as an editor leaves it after taking the comment signs away."""
    part = form[form.index(start) :].split("\n\n", 1)[0]
    lines = [line.removeprefix("#").strip() for line in part.splitlines()[1:]]
    return "\n".join(lines) + "\n"


# --- the empty form -------------------------------------------------------------------------------


@pytest.mark.parametrize(("about", "key"), [(LDN, "pubmed:38258677"), (TOY, KEY)], ids=["ldn", "toy"])
def test_a_blank_form_is_readable_and_empty(about: Evidence, key: str) -> None:
    assert "it has neither characteristics nor extractions" in fault(blank_form(about, key), about)


def test_a_form_names_the_study_by_any_of_its_records() -> None:
    registration = blank_form(LDN, "ctgov:NCT04270877")
    assert registration == blank_form(LDN, "pubmed:38258677")
    assert 'study = "pubmed:38258677"' in registration


@pytest.mark.parametrize("outcome", [item.id for item in LDN.protocol.outcomes])
def test_every_outcome_s_part_can_be_filled_in_and_handed_in(outcome: str) -> None:
    declared = next(item for item in LDN.protocol.outcomes if item.id == outcome)
    key = "pubmed:38258677"
    part = uncommented(blank_form(LDN, key), f"# --- {declared.label} (")
    filled = {
        "continuous": 'numbers.estimand = "adjusted"\nnumbers.estimate = -1.5\n'
        'numbers.precision = { by = "se", se = 0.5 }\n',
        "binary": "numbers.experimental = { events = 3, total = 20 }\n"
        "numbers.control = { events = 4, total = 21 }\n",
        "rate": "numbers.experimental = { events = 3, person_weeks = 20.0 }\n"
        "numbers.control = { events = 4, person_weeks = 21.0 }\n",
    }[declared.type]
    part = part.replace("quotes = ", filled + "quotes = ").replace('locator = ""', 'locator = "Table 2"')
    words = "-1.5 (SE 0.5); 3 of 20 and 4 of 21; 20.0 and 21.0 weeks"
    form = taken(f'study = "{key}"\n{part}'.replace('text = ""', f'text = "{words}"'), LDN)
    assert [item.cell.outcome for item in form.extractions] == [outcome]
    assert form.extractions[0].cell.study == key


def test_the_description_s_part_can_be_filled_in_and_handed_in() -> None:
    part = uncommented(blank_form(TOY, KEY), "# --- What the study is")
    part = part.replace('label = ""', 'label = "Beta 2021"', 1).replace(
        'condition = ""', 'condition = "Ache"'
    )
    part = part.replace('condition_group = ""', 'condition_group = "ache"')
    part = part.replace(
        '{ id = "", label = "", intervention = ""', '{ id = "r", label = "R", intervention = "remedy"'
    )
    form = taken(HEAD + part)
    assert form.characteristics is not None
    assert [arm.intervention for arm in form.characteristics.arms] == ["remedy"]


FILLED = (
    ("high = 0.0", "high = 0.5"),
    ("low = 0.0", "low = -0.5"),
    ("person_weeks = 0.0", "person_weeks = 9.0"),
    ("numbers.r = 0.0", "numbers.r = 0.5"),
    ("events = 0", "events = 3"),
    ("total = 0", "total = 9"),
    ("n = 0", "n = 9"),
    ("n_experimental = 0", "n_experimental = 9"),
    ("n_control = 0", "n_control = 9"),
    ("sd = 0.0", "sd = 2.0"),
    ("se = 0.0", "se = 2.0"),
    ("sd_experimental = 0.0", "sd_experimental = 2.0"),
    ("sd_control = 0.0", "sd_control = 2.0"),
    ('reason = ""', 'reason = "none"'),
)


def shapes() -> dict[str, str]:
    """Each shape that the form offers, its zeros replaced by numbers that can be."""
    found: dict[str, str] = {}
    for part in re.split(r"^# (?=\S)", SHAPES, flags=re.MULTILINE):
        lines = [
            line.removeprefix("#   ") for line in part.splitlines()[1:] if line.startswith("#   numbers")
        ]
        if lines:
            text = "\n".join(lines)
            for zero, number in FILLED:
                text = text.replace(zero, number)
            found[lines[0].split('"')[1]] = text
    return found


FITS = {
    "reported_contrast": {"estimand": '"adjusted"'},
    "arm_means": {},
    "paired_difference": {"estimand": '"final"'},
    "paired_means": {"estimand": '"final"'},
    "event_counts": {"outcome": '"any-ae"', "scale": "", "estimand": '"count"'},
    "event_rates": {"outcome": '"events"', "scale": "", "estimand": '"count"'},
    "no_numbers": {},
}


@pytest.mark.parametrize("shape", FITS)
def test_every_shape_that_the_form_offers_is_read_line_by_line(shape: str) -> None:
    rate = '\n[[outcomes]]\nid = "events"\nlabel = "Events"\nimportance = "important"\ntype = "rate"\n'
    rate += 'better = "lower"\nunit = "events"\nless = "fewer"\nmore = "more"\n\n[[windows]]'
    about = evidence(seeded(text=changed("toy", ("\n[[windows]]", rate))))
    words = "n 9, 3 of 9; 0.0 (SD 2.0, SE 2.0, -0.5 to 0.5, r 0.5); 9.0 weeks"
    alike = 'reasons = [["same_in_both_arms", "an example whose numbers are all the same"]]\n'
    form = taken(HEAD + extraction(shapes()[shape], words, **FITS[shape]) + alike, about)
    assert form.extractions[0].numbers.shape == shape


def test_the_form_offers_every_shape_there_is() -> None:
    assert set(shapes()) == set(FITS)


def test_a_form_shows_nothing_of_what_another_reader_entered() -> None:
    secret = what(make.STUDY, "A reader's own label", condition="A reader's own words", imported=None)
    numbers = read(make.STUDY, difference(-0.777), imported=None, notes="a reader's own note")
    bare = toy(make.record(title="", identifiers=()), make.vote(imported="A"))
    before, after = blank_form(evidence(bare), make.STUDY), blank_form(
        evidence(then(bare, ("ann", secret), ("ann", numbers))), make.STUDY
    )  # fmt: skip
    assert before == after
    assert "reader's own" not in after


def test_a_title_over_two_lines_stays_a_comment() -> None:
    about = evidence(toy(make.record(title='Title\nstudy = "x"', identifiers=())))
    form = blank_form(about, make.STUDY)
    assert form.splitlines()[0] == '# Extraction form: Title study = "x"'
    assert "neither characteristics nor extractions" in fault(form, about)


def test_there_is_no_form_for_an_unknown_study() -> None:
    with pytest.raises(UserError, match="no study 'pubmed:404' here"):
        blank_form(TOY, "pubmed:404")


# --- a good form ----------------------------------------------------------------------------------


def test_a_filled_form_becomes_facts_that_need_not_repeat_the_study() -> None:
    form = taken(HEAD + extraction())
    (found,) = form.extractions
    assert isinstance(found, Extraction)
    assert isinstance(found.numbers, ReportedContrast)
    assert (found.cell.study, found.imported) == (KEY, None)


def test_a_part_may_name_another_record_of_the_same_study() -> None:
    alpha = 'study = "pubmed:90000001"\n' + extraction(study='"ctgov:NCT99000001"').replace(
        KEY, "pubmed:90000001"
    )
    assert taken(alpha).extractions[0].cell.study == "ctgov:NCT99000001"


def test_arms_described_in_the_same_form_are_known_to_its_cells() -> None:
    arms = """[characteristics]
label = "Beta 2021"
design = "parallel"
condition = "Ache"
condition_group = "ache"
arms = [
  { id = "high", label = "High", intervention = "remedy" },
  { id = "none", label = "None", intervention = "placebo" },
]
"""
    text = HEAD + arms + extraction(experimental='"high"', control='"none"')
    assert taken(text).extractions[0].cell.experimental == "high"


def test_an_unusable_cell_needs_a_reason_and_no_number_in_its_quote() -> None:
    nothing = (
        'numbers.shape = "no_numbers"\nnumbers.status = "no_usable_data"\nnumbers.reason = "medians only"\n'
    )
    form = taken(HEAD + extraction(nothing, "no number here"))
    assert isinstance(form.extractions[0].numbers, NoNumbers)


# --- what is wrong, in one line -------------------------------------------------------------------

MEANS = """numbers.shape = "arm_means"
numbers.values = "change"
numbers.experimental = { n = 40, mean = -1.0, spread = { by = "sd", sd = SD1 } }
numbers.control = { n = 40, mean = -0.5, spread = { by = "sd", sd = 2.0 } }
"""
COUNTS = """numbers.shape = "event_counts"
numbers.experimental = { events = 41, total = 40 }
numbers.control = { events = 4, total = 40 }
"""
AE = {"outcome": '"any-ae"', "scale": "", "estimand": '"count"'}
DESCRIBED = """[characteristics]
label = "Beta 2021"
design = "parallel"
condition = "Ache"
condition_group = "ache"
"""
BAD: dict[str, tuple[str, str]] = {
    "an SD of zero": (HEAD + extraction(MEANS.replace("SD1", "0.0")), "spread.sd must be above 0, not 0.0"),
    "events above the denominator": (
        HEAD + extraction(COUNTS, **AE),
        "41 participants with the event of 40 cannot be",
    ),
    "a quote without the number": (
        HEAD + extraction(words="a difference was seen"),
        "no quote contains estimate -0.5",
    ),
    "an unknown study": ('study = "pubmed:404"\n' + extraction(), "no study 'pubmed:404' here"),
    "no study at all": (extraction(), "study is missing"),
    "a key that imports have": (
        HEAD + extraction() + 'imported = "A"\n',
        "cannot be an import: delete `imported`",
    ),
    "a future date": (
        HEAD + DESCRIBED + 'available_from = "2026-08"\n',
        "available from 2026-08 lies after 2026-07-01",
    ),
    "a typo in a key": (
        HEAD + extraction(NUMBERS.replace("numbers.estimate ", "numbers.estimat ")),
        "unknown key 'estimat'; did you mean 'estimate'?",
    ),
    "a typo in an outcome": (HEAD + extraction(outcome='"acke"'), "no outcome 'acke'; did you mean 'ache'?"),
    "a typo in a cell's key": (HEAD + extraction(week="12"), "unknown key 'week'; did you mean 'weeks'?"),
    "a reversed interval": (
        HEAD + extraction(NUMBERS.replace("low = -1.5, high = 0.5", "low = 0.5, high = -1.5")),
        "the interval 0.5 to -1.5 is empty or reversed",
    ),
    "an estimate outside its interval": (
        HEAD + extraction(NUMBERS.replace("estimate = -0.5", "estimate = 1.5")),
        "the estimate 1.5 lies outside its own interval",
    ),
    "a number in quotes": (HEAD + extraction(NUMBERS.replace("= -0.5", '= "-0.5"')), "must be a number"),
    "half a person": (HEAD + extraction(NUMBERS.replace("= 40", "= 40.5")), "must be a whole number"),
    "not TOML": (HEAD + "[[extractions", "not readable as TOML"),
    "a list that is none": (HEAD + "extractions = 3\n", "extractions must be a list in [ ]"),
    "a table that is none": (HEAD + "characteristics = 3\n", "characteristics must be a table of keys"),
    "an unknown shape": (HEAD + extraction('numbers.shape = "guess"\n'), "is of kind 'guess'"),
    "nothing": (HEAD, "the form is empty"),
    "another study in a part": (
        HEAD + extraction(study='"pubmed:90000001"'),
        "the form is about pubmed:90000002 and a part of it about pubmed:90000001",
    ),
    "values of another kind": (
        HEAD + extraction(estimand='"final"'),
        "the cell says final values and the numbers say change values",
    ),
    "no time": (HEAD + extraction(weeks="0"), "0 weeks is no time after randomisation"),
    "not on the scale": (
        HEAD + extraction(NUMBERS.replace("-0.5", "-15.5").replace("-1.5", "-16.0"), "-15.5 -16.0 0.5 40 40"),
        "a difference of \N{MINUS SIGN}15.5 cannot be on 0-10 numerical rating scale",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), BAD.values(), ids=BAD)
def test_bad_input_is_refused_in_one_clear_line_that_names_the_file(text: str, expected: str) -> None:
    assert expected in fault(text)


def test_a_crossover_is_not_two_independent_groups() -> None:
    means = MEANS.replace("SD1", "2.0").replace("n = 40", "n = 15")  # of 30 randomised, half began with each
    text = extraction(means, "15, -1.0, 2.0, -0.5, 2.0").replace(KEY, "pubmed:90000003")
    assert "same people, not two independent groups" in fault('study = "pubmed:90000003"\n' + text)
    first = text + 'notes = "first period only"\n'
    assert taken('study = "pubmed:90000003"\n' + first).extractions


def test_a_fault_names_the_cell_as_well_as_the_file() -> None:
    told = fault(HEAD + extraction(words="nothing"))
    assert told.startswith(f"form.toml, {KEY}, ache at 12 weeks: no quote contains")


# --- adjudications --------------------------------------------------------------------------------


def ruling(text: str = "", **kw: Any) -> str:
    body = extraction(**kw).replace("[[extractions]]", "[[adjudications]]")
    return (
        body.replace("cell.outcome", f'cell.study = "{KEY}"\ncell.outcome')
        + 'reason = "the table counts"\n'
        + text
    )


def test_a_ruling_is_read_and_checked_as_an_extraction_is() -> None:
    found = read_ruling(ruling(), "ruling.toml", TOY, TODAY)
    assert [item.cell.study for item in found.adjudications] == [KEY]
    for text, expected in (
        (ruling(words="nothing"), "no quote contains"),
        (ruling().replace(KEY, "pubmed:404"), "no study 'pubmed:404' here"),
        (ruling().replace('reason = "the table counts"\n', ""), "reason is missing"),
        ("", "no adjudications"),
    ):
        with pytest.raises(UserError, match=expected) as caught:
            read_ruling(text, "ruling.toml", TOY, TODAY)
        assert str(caught.value).startswith("ruling.toml")
        assert "\n" not in str(caught.value)


def test_a_first_period_may_be_ruled_on_when_the_reason_says_so() -> None:
    crossover: Entry = what(KEY, "Beta 2021", design="crossover", imported=None)
    about = evidence(then(seeded(), crossover))
    numbers = MEANS.replace("SD1", "2.0")
    words = "40, -1.0, 2.0, -0.5, 2.0"
    with pytest.raises(UserError, match="same people"):
        read_ruling(ruling(numbers=numbers, words=words), "ruling.toml", about, TODAY)
    numbers, words = numbers.replace("n = 40", "n = 15"), words.replace("40", "15")
    first = ruling(numbers=numbers, words=words).replace("the table counts", "first period, table 2")
    assert read_ruling(first, "ruling.toml", about, TODAY).adjudications


def test_counts_are_read_as_counts() -> None:
    good = COUNTS.replace("events = 41", "events = 5")
    found = taken(HEAD + extraction(good, "5 of 40 and 4 of 40", **AE)).extractions[0]
    assert isinstance(found.numbers, EventCounts)


def test_what_a_reader_said_of_the_study_earlier_is_known_to_that_reader_alone() -> None:
    """In a hand-in of its own, before any numbers: the other reader's form is checked without it."""
    mine = make.characteristics(design="crossover")
    found = evidence(toy(make.record(), ("ann", mine)))
    assert found.known_to("ann", make.STUDY) == mine
    assert found.known_to("ben", make.STUDY) is None
    assert found.what == {}


def description(**kw: str) -> str:
    given = {"study": KEY, "label": "Beta 2020", "design": "parallel", "condition": "ache"} | kw
    return "[[descriptions]]\n" + "".join(f'{name} = "{value}"\n' for name, value in given.items())


def test_a_file_can_settle_what_a_study_is_and_says_why() -> None:
    text = description(condition_group="ache", settles="the register says so")
    [said] = read_ruling(text, "ruling.toml", TOY, TODAY).descriptions
    assert (said.label, said.settles) == ("Beta 2020", "the register says so")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (description(condition_group="ache"), "says why"),
        (description(condition_group="ache", settles="x", study="pubmed:404"), "no study"),
        (description(condition_group="nowhere", settles="x"), "no condition group"),
        ("", "settles nothing"),
    ],
)
def test_a_description_that_settles_is_checked(text: str, told: str) -> None:
    with pytest.raises(UserError, match=told):
        read_ruling(text, "ruling.toml", TOY, TODAY)


def test_a_reader_s_form_settles_nothing() -> None:
    text = f'study = "{KEY}"\n' + description(condition_group="ache", settles="so it is").replace(
        "[[descriptions]]", "[characteristics]"
    )
    with pytest.raises(UserError, match="delete `settles`"):
        read_form(text, "form.toml", TOY, TODAY)
