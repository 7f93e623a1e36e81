"""The file of other reviews' prints: digit for digit, at its dates, and with errors that name their place."""

import pytest

from living.errors import UserError
from living.review.published import known_then, read_published
from tests.unit.review.scenes import FOLDERS, protocol

TEXT = """
topic = "toy"
[[reviews]]
id = "a-2020"
review = "A 2020"
doi = "10.1/a"
read_in = "abstract"
imported = "A"
available_from = "2020-05"
k_total = 3
[[reviews.results]]
id = "a-2020-ache"
outcome = "Ache"
measure = "MD"
unit = "points on 0-10"
estimate = "-0.50"
low = "-1.10"
high = "0.10"
analysis = "ache"
inputs = [
  { label = "Alpha 2020", study = "pubmed:90000001", estimate = -1.0, se = 0.4, comparison = "placebo" },
]
"""


def test_a_result_has_from_its_review_what_it_leaves_out() -> None:
    (result,) = read_published(TEXT, "published.toml", protocol())
    assert (result.review, result.doi, result.read_in, result.imported) == (
        "A 2020",
        "10.1/a",
        "abstract",
        "A",
    )
    assert (result.k, result.k_total, result.estimate, result.available_from) == (None, 3, "-0.50", "2020-05")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('topic = "toy"', 'topic = "ldn"', "topic: 'ldn' is not the protocol's topic 'toy'"),
        (
            'estimate = "-0.50"',
            "estimate = -0.5",
            "reviews[a-2020].results[a-2020-ache].estimate must be text",
        ),
        ('estimate = "-0.50"', 'estimate = "half"', "results[a-2020-ache].estimate: 'half' is no number"),
        ('measure = "MD"', 'measure = "Odd"', "measure: 'Odd' begins with no measure known here"),
        ('high = "0.10"', "", "one limit of the interval stands alone"),
        ('analysis = "ache"', 'analysis = "achee"', "no analysis 'achee'; did you mean 'ache'?"),
        ('analysis = "ache"', 'analysis = "ache"\ngroup = "x/y"', "group: 'x/y' is no group of ache"),
        ('analysis = "ache"', 'group = "x/y"', "name its `analysis` too"),
        ('imported = "A"\n', "", "the grade `imported` is missing"),
        ('available_from = "2020-05"\n', "", "available_from is missing"),
        (
            'comparison = "placebo"',
            'comparison = "placeb"',
            "no comparison 'placeb'; did you mean 'placebo'?",
        ),
        ("se = 0.4, ", "", "an estimate and its standard error stand together"),
        ('outcome = "Ache"', 'outcom = "Ache"', "unknown key 'outcom'; did you mean 'outcome'?"),
        ("[[reviews.results]]", "[[reviews.results", "not readable as TOML"),
    ],
)
def test_an_error_names_file_entry_and_field_and_what_to_do(old: str, new: str, told: str) -> None:
    assert old in TEXT
    with pytest.raises(UserError) as fault:
        read_published(TEXT.replace(old, new, 1), "toy/published.toml", protocol())
    assert told in str(fault.value)
    assert "toy/published.toml" in str(fault.value)


def test_an_id_twice_needs_a_later_date() -> None:
    again = TEXT[TEXT.index("[[reviews.results]]") :]
    with pytest.raises(UserError, match="a later print needs a later `available_from`"):
        read_published(TEXT + again, "published.toml", protocol())
    later = again.replace(
        'outcome = "Ache"', 'outcome = "Ache"\navailable_from = "2021"\ncorrigendum = "Corrected"'
    )
    results = read_published(TEXT + later, "published.toml", protocol())
    assert [item.corrigendum for item in known_then(results, "2020-12-31")] == [""]
    assert [item.corrigendum for item in known_then(results, "2021-01-01")] == ["Corrected"]
    assert known_then(results, "2020-04-30") == ()


# The prints of the LDN topic: estimate, low, high, P, as the other reviews give them.
LDN = {
    "hegde-2025-pain": ("-0.11", "-0.96", "0.74", "0.31"),
    "hegde-2025-pain-fibromyalgia": ("-0.34", "-0.62", "-0.06", "0.0186"),
    "hegde-2025-pain-active": ("0.67", "-4.69", "6.02", "0.35"),
    "hegde-2025-ae": ("1.4", "1.12", "1.75", "0.0026"),
    "hegde-2025-ae-active": ("0.55", "0.04", "7.31", "0.65"),
    "vatvani-2024-pain": ("-0.86", "-1.20", "-0.51", "<0.001"),
    "rizwan-2025-vivid-dreams": ("2.17", "", "", ""),
    "bolton-2019-sae": ("0.84", "0.66", "1.06", ""),
}


def test_the_prints_of_the_ldn_topic_stand_digit_for_digit_and_at_their_dates() -> None:
    text = (FOLDERS["ldn"] / "published.toml").read_text(encoding="utf-8")
    results = read_published(text, "published.toml", protocol("ldn"))
    found = {item.id: item for item in known_then(results, "2026-11-22")}
    assert len(found) == 26
    assert {name: (x.estimate, x.low, x.high, x.p) for name, x in found.items() if name in LDN} == LDN
    assert "41469220" in found["vatvani-2024-pain"].corrigendum
    then = {item.id: item for item in known_then(results, "2025-06-20")}
    assert then["vatvani-2024-pain"].corrigendum == ""
    assert "bruun-2026-pain" not in then
    assert all(one.estimate is None and one.inferred for item in found.values() for one in item.inputs)
