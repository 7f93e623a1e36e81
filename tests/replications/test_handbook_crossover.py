"""A crossover trial of ten people: the worked example of the Cochrane Handbook.

Data and printed values read in: Cochrane Handbook 5.1, section 16.4.6.4
(handbook-5-1.cochrane.org/chapter_16/16_4_6_4_example.htm): means 7.0 and 6.5, SDs 2.38 and 2.21; MD 0.5 with
SE 0.632 (SD of differences 2) or 0.583 (correlation 0.68); SMD 0.218 with SE 0.256.
"""

from living import stats
from tests.replications.printed import shown


def test_the_standard_error_from_a_borrowed_sd_of_differences_is_0_632() -> None:
    found = stats.paired_mean_difference(
        7.0 - 6.5, 2.0 / 2**0.5, 2.0 / 2**0.5, 10, 0.0
    )  # SD of differences 2
    assert shown([found.yi, found.se], 3) == ["0.500", "0.632"]


def test_the_standard_error_from_a_borrowed_correlation_is_0_583() -> None:
    found = stats.paired_mean_difference(7.0 - 6.5, 2.38, 2.21, 10, 0.68)
    assert shown([found.yi, found.se], 3) == ["0.500", "0.583"]


def test_the_standardised_difference_is_0_218_with_0_256() -> None:
    found = stats.smd_average_sd(7.0 - 6.5, 2.38, 2.21, 10, 0.68, variance="Handbook")
    assert shown([found.yi, found.se], 3) == ["0.218", "0.256"]
