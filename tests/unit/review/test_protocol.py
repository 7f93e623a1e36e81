"""The protocol file: the real and the invented one are read; each way to get one wrong is one clear line."""

from pathlib import Path

import pytest

from living.errors import Exit, UserError
from living.model.protocol import Protocol, Window
from living.review.protocol import SENTENCE_NAMES, fill, parse, protocol_digest, rule_digest

ROOT = Path(__file__).resolve().parents[3]
LDN_TEXT = (ROOT / "db/topics/ldn-chronic-pain/protocol.toml").read_text(encoding="utf-8")
TOY_TEXT = (ROOT / "tests/payloads/topics/toy/protocol.toml").read_text(encoding="utf-8")
LDN = parse(LDN_TEXT, "protocol.toml")


def fault_of(old: str, new: str, text: str = TOY_TEXT) -> str:
    """The message about a protocol in which one passage was changed."""
    assert old in text
    with pytest.raises(UserError) as caught:
        parse(text.replace(old, new, 1), "toy/protocol.toml")
    assert caught.value.exit_code is Exit.BAD_INPUT
    assert "\n" not in str(caught.value)
    return str(caught.value)


FAULTS = {
    "a mistyped key": (
        "[update_rule]\nversion",
        "[update_rule]\nnew_studdy = 'minor'\nversion",
        "update_rule.new_studdy: unknown key 'new_studdy'; did you mean 'new_study'?",
    ),
    "a mistyped key in a list": (
        'harm = true\nunit = "participants"',
        'harms = true\nunit = "participants"',
        "outcomes[any-ae].harms: unknown key 'harms'; did you mean 'harm'?",
    ),
    "a mistyped key deep inside": (
        'interval = "wald"',
        'intervals = "wald"',
        ("analyses[ache].sensitivity[dl-wald].intervals: unknown key 'intervals'; did you mean 'interval'?"),
    ),
    "a sensitivity analysis on another scale": (
        'interval = "wald"',
        'measure = "RR"',
        "analyses[ache].sensitivity[dl-wald].measure: RR is not on the scale of MD",
    ),
    "a missing key": (
        'measure = "MD"\n',
        "",
        "analyses[ache].measure is missing",
    ),
    "a missing sentence": (
        "concern = ",
        "unconcern = ",
        (
            "sentences.concern is missing; also sentences.unconcern: unknown key 'unconcern';"
            " did you mean 'concern'?"
        ),
    ),
    "text for a number": (
        "nearest = 12",
        'nearest = "12"',
        "windows[primary].nearest must be a number, not '12'",
    ),
    "text for a whole number": (
        '[update_rule]\nversion = "1"',
        '[update_rule]\nversion = "1"\nmonths_without_version = "12"',
        "update_rule.months_without_version must be a whole number, not '12'",
    ),
    "text for a yes or no": (
        "harm = true",
        'harm = "yes"',
        "outcomes[any-ae].harm must be true or false, not 'yes'",
    ),
    "a number for text": (
        'short = "Invented remedy"',
        "short = 5",
        "topic.short must be text in quotes, not 5",
    ),
    "an unknown method": (
        'tau2 = "REML"',
        'tau2 = "RELM"',
        "models.random.tau2: 'RELM' is not one of its values; did you mean 'REML'?",
    ),
    "too low a number": (
        'interval = "HK-guarded"',
        'interval = "HK-guarded"\nheadline_k = 0',
        "models.random.headline_k must be 1 or more, not 0",
    ),
    "an analysis of an unknown comparison": (
        'role = "main"\ncomparison = "placebo"',
        'role = "main"\ncomparison = "placbo"',
        "analyses[any-ae].comparison: nothing is called 'placbo'; did you mean 'placebo'?",
    ),
    "an analysis of an unknown outcome": (
        'outcome = "ache"',
        'outcome = "itch"',
        "analyses[ache].outcome: nothing is called 'itch'; known: ache, any-ae",
    ),
    "an analysis in an unknown window": (
        'window = "primary"',
        'window = "primry"',
        "analyses[ache].window: nothing is called 'primry'; did you mean 'primary'?",
    ),
    "an analysis by an unknown model": (
        'models = "random"',
        'models = "randm"',
        "analyses[ache].models: nothing is called 'randm'; did you mean 'random'?",
    ),
    "a baseline risk of an unknown outcome": (
        '[update_rule]\nversion = "1"',
        '[supplementary]\nbaselines = { any-se = 0.1 }\n[update_rule]\nversion = "1"',
        "supplementary.baselines: nothing is called 'any-se'; did you mean 'any-ae'?",
    ),
    "a baseline risk that is none": (
        '[update_rule]\nversion = "1"',
        '[supplementary]\nbaselines = { any-ae = 1.0 }\n[update_rule]\nversion = "1"',
        "supplementary.baselines.any-ae must be below 1, not 1.0",
    ),
    "an impossible error": (
        '[update_rule]\nversion = "1"',
        '[supplementary]\nalpha = 0.0\n[update_rule]\nversion = "1"',
        "supplementary.alpha must be above 0, not 0.0",
    ),
    "an analysis by an unknown subgroup": (
        "important_difference = 1.0",
        'subgroups = ["dose"]',
        "analyses[ache].subgroups: nothing is called 'dose'",
    ),
    "a comparison with an unknown intervention": (
        'control = ["placebo"]',
        'control = ["placebos"]',
        "comparisons[placebo].control: nothing is called 'placebos'; did you mean 'placebo'?",
    ),
    "a comparison of an intervention with itself": (
        'control = ["placebo"]',
        'control = ["remedy"]',
        "comparisons[placebo]: 'remedy' is compared with itself",
    ),
    "an outcome on an unknown scale": (
        'scales = ["nrs"]',
        'scales = ["nsr"]',
        "outcomes[ache].scales: nothing is called 'nsr'; did you mean 'nrs'?",
    ),
    "a scale that ends before it begins": (
        "low = 0\nhigh = 10",
        "low = 10\nhigh = 10",
        "scales[nrs]: low 10 is not below high 10",
    ),
    "a window whose centre lies outside": (
        "nearest = 12",
        "nearest = 30",
        "windows[primary]: low 6, nearest 30, high 26 are not in this order",
    ),
    "two criteria with one id": (
        'id = "X1"',
        'id = "E1"',
        "eligibility: the id 'E1' is used 2 times",
    ),
    "two outcomes with one id": (
        'id = "any-ae"\nlabel = "Participants',
        'id = "ache"\nlabel = "Participants',
        (
            "outcomes: the id 'ache' is used 2 times; also analyses[any-ae].outcome: nothing is"
            " called 'any-ae'; known: ache"
        ),
    ),
    "a registry without a query": (
        'query = "invented remedy"',
        "",
        "sources[ctgov].query is missing: a source of kind ctgov is searched by its query",
    ),
    "a clause that the query does not have": (
        """clauses = ['"invented remedy"[tiab]']""",
        """clauses = ['"invented remedies"[tiab]']""",
        ('sources[pubmed].clauses: the clause "invented remedies"[tiab] does not occur in the query'),
    ),
    "a canary that is written as a key": (
        """clauses = ['"invented remedy"[tiab]']""",
        'canaries = ["pubmed:90000001"]',
        ("sources[pubmed].canaries: 'pubmed:90000001' is no id of the source; write it as the source does"),
    ),
    "a comparison without a primary analysis": (
        'role = "primary"',
        'role = "main"',
        "analyses: comparison 'placebo' needs one primary analysis and has none",
    ),
    "a comparison with two primary analyses": (
        'role = "main"',
        'role = "primary"',
        "analyses: comparison 'placebo' needs one primary analysis and has ache, any-ae",
    ),
    "a standardised difference without its standardiser": (
        'measure = "MD"\nestimands = ["adjusted", "change", "final"]',
        'measure = "SMD-d"\nestimands = ["change"]',
        "analyses[ache].standardiser is missing: SMD-d names what it divides by",
    ),
    "a standardised difference of mixed values": (
        'measure = "MD"',
        'measure = "SMD-d"\nstandardiser = "SD of change"',
        ("analyses[ache].estimands: a standardised difference may not mix change and final values"),
    ),
    "a name that a sentence cannot fill": (
        "{version}. {w} studies",
        "{verson}. {w} studies",
        "sentences.nothing_new: {verson} is not filled there; did you mean 'version'?",
    ),
    "a sentence that formats a number itself": (
        "difference {estimate} {unit}",
        "difference {estimate:.1f} {unit}",
        "sentences.lede_pooled: {estimate} stands with its name only; numbers come formatted",
    ),
    "a brace left open": (
        "{report} carries",
        "{report carries",
        "sentences.concern: a brace is opened or closed alone",
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_of_the_file_is_one_line_naming_file_key_and_fault(case: str) -> None:
    old, new, message = FAULTS[case]
    assert fault_of(old, new) == f"toy/protocol.toml: {message}"


def test_broken_toml_is_refused_with_its_line() -> None:
    message = fault_of('short = "Invented remedy"', 'short = "Invented remedy')
    assert message.startswith("toy/protocol.toml: not readable as TOML: ")
    assert "line 7" in message


def test_many_faults_are_counted_and_the_first_three_told() -> None:
    message = fault_of("[question]", "[question]\na = 1\nb = 2\nc = 3\nd = 4\ne = 5")
    assert message.count("unknown key") == 3
    assert message.endswith("; and 2 more")


SPLIT = """[[subgroups]]
id = "dose"
label = "Dose"
by = "dose"
levels = [{ id = "low", label = "Low" }, { id = "high", label = "High" }]
cuts_mg = CUTS

[[analyses]]"""


@pytest.mark.parametrize(
    ("cuts", "message"),
    [
        ("[5.0, 5.0]", "subgroups[dose].cuts_mg: the doses 5, 5 are not in rising order"),
        ("[]", "subgroups[dose]: 2 levels need 1 cuts, not 0"),
    ],
)
def test_dose_cuts_that_do_not_split_are_refused(cuts: str, message: str) -> None:
    assert message in fault_of("[[analyses]]", SPLIT.replace("CUTS", cuts))


def test_a_split_by_condition_names_declared_conditions() -> None:
    split = SPLIT.replace('by = "dose"', 'by = "condition_group"').replace("cuts_mg = CUTS\n", "")
    assert "subgroups[dose].levels: nothing is called 'low'; known: ache" in fault_of("[[analyses]]", split)


# --- what a protocol says of itself ---------------------------------------------------------------


def test_every_sentence_of_the_model_has_its_table_of_names() -> None:
    assert set(SENTENCE_NAMES) == set(type(LDN.sentences).model_fields)


def test_the_rule_has_a_digest_of_its_own() -> None:
    one, other = parse(TOY_TEXT, "a"), parse(TOY_TEXT.replace("Invented ache", "Another ache"), "b")
    changed = parse(TOY_TEXT.replace('[update_rule]\nversion = "1"', '[update_rule]\nversion = "2"'), "c")
    assert rule_digest(one) == rule_digest(other)
    assert rule_digest(one) != rule_digest(changed)


def test_a_comment_is_part_of_the_protocol_s_text() -> None:
    assert protocol_digest(TOY_TEXT) != protocol_digest(TOY_TEXT + "# signed off\n")


def test_a_sentence_begins_with_a_capital_whatever_fills_it() -> None:
    assert fill("{k_word} trials", {"k_word": "three", "unused": 1}) == "Three trials"


@pytest.mark.parametrize(
    ("weeks", "short", "primary", "long"),
    [
        (1.9, 0, 0, 0),
        (2, 1, 0, 0),
        (5.9, 1, 0, 0),
        (6, 0, 1, 0),
        (26, 0, 1, 0),
        (26.1, 0, 0, 1),
        (200, 0, 0, 1),
    ],
)
def test_the_windows_of_the_ldn_protocol_do_not_overlap(
    weeks: float, short: int, primary: int, long: int
) -> None:
    windows: dict[str, Window] = {window.id: window for window in LDN.windows}
    assert [windows[name].holds(weeks) for name in ("short", "primary", "long")] == [short, primary, long]


# --- the LDN protocol -----------------------------------------------------------------------------


def analysis(name: str, protocol: Protocol = LDN):  # type: ignore[no-untyped-def]
    return next(item for item in protocol.analyses if item.id == name)


def test_the_primary_analysis_is_as_the_review_declares_it() -> None:
    primary, model = analysis("pain"), LDN.models["random"]
    assert (primary.role, primary.measure, primary.estimands) == (
        "primary",
        "MD",
        ("adjusted", "change", "final"),
    )
    assert primary.important_difference == 1.0
    assert (model.tau2, model.interval, model.headline_k, model.prediction_k) == ("REML", "HK-guarded", 3, 5)
    assert model.paired_r is None


def test_every_declared_sensitivity_is_there() -> None:
    declared = (
        "dl-wald pm bayes r-03 r-05 r-07 low-risk verified parallel dose-5 any-time innova-change".split()
    )
    assert [item.id for item in analysis("pain").sensitivity] == declared


def test_placebo_and_active_drugs_are_two_comparisons() -> None:
    controls = [set(item.control) for item in LDN.comparisons]
    assert len(controls) == 2
    assert not controls[0] & controls[1]
    assert {item.comparison for item in LDN.analyses if item.role == "primary"} == {"placebo", "active"}


def test_ldn_is_never_searched_without_naltrexone() -> None:
    query = next(item.query for item in LDN.sources if item.kind == "pubmed")
    drug, topic = query.split(" AND ")
    assert "LDN" not in drug
    assert all(clause.startswith("naltrexone") for clause in drug.strip("()").split(" OR "))
    assert "LDN[tiab]" in topic


def test_every_part_of_the_pubmed_query_is_a_clause_to_be_confirmed() -> None:
    source = next(item for item in LDN.sources if item.kind == "pubmed")
    parts = [part.strip("()") for half in source.query.split(" AND ") for part in half.split(" OR ")]
    assert parts == list(source.clauses)


def test_the_headline_and_the_lede_of_three_trials_read_as_declared() -> None:
    names = {
        "k_word": "three",
        "n": 225,
        "control": "placebo",
        "estimate": "0.16",
        "unit": "points on a 0-10 scale",
        "level": "95",
        "low": "-1.42",
        "high": "1.75",
        "below": "below zero means less pain with LDN",
        "range_says": "That range includes an important benefit, no difference and an important harm.",
    }
    assert fill(LDN.sentences.headline_pooled_uncertain, names) == (
        "Three small trials do not show whether low-dose naltrexone reduces chronic pain"
    )
    assert fill(LDN.sentences.lede_pooled, names) == (
        "Three placebo-controlled trials, 225 people analysed: average difference 0.16 points on a 0-10 scale"
        " (95% CI -1.42 to 1.75; below zero means less pain with LDN). That range includes an important"
        " benefit, no difference and an important harm."
    )


def test_the_lede_of_two_trials_gives_no_average() -> None:
    assert fill(LDN.sentences.lede_two, {"a": "-0.34", "b": "0.88"}) == (
        "Two trials found -0.34 and 0.88. Two are too few for a dependable average, so none is given."
    )


def test_no_sentence_rates_certainty_or_names_a_cause() -> None:
    generated = " ".join(text for _, text in LDN.sentences).lower()
    assert not [word for word in ("effective", "because", "proves", "moderate", "works") if word in generated]


def test_what_is_provisional_is_said_in_words() -> None:
    assert len(LDN.topic.provisional) == 7
    assert any("1.0 point" in item for item in LDN.topic.provisional)


def test_a_second_topic_is_one_more_file() -> None:
    toy = parse(TOY_TEXT, "toy/protocol.toml")
    assert toy.topic.id == "toy"
    assert toy.topic.public_note
