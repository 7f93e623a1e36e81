"""PET-PEESE: the effect that regressions on the standard error predict for a study without end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy.typing as npt

from living.stats.asymmetry import Asymmetry, egger
from living.stats.cautions import Caution
from living.stats.intervals import two_sided_p
from living.stats.status import NotEstimable

PET_ALPHA = 0.10  # two-sided, that is 0.05 towards the side of the effect: Stanley & Doucouliagos 2014


@dataclass(frozen=True)
class PetPeese:
    """Both regressions and the one the conditional rule chooses ("PET" or "PEESE") with its estimate.

    `p` tests the chosen estimate against 0 with t on `df`; `pet_p` is the P that decided.
    """

    chosen: str
    mu: float
    se: float
    ci_low: float
    ci_high: float
    p: float
    df: int
    pet_p: float
    pet: Asymmetry
    peese: Asymmetry
    cautions: tuple[Caution, ...]


def pet_peese(
    yi: npt.ArrayLike, vi: npt.ArrayLike, *, alpha: float = PET_ALPHA, level: float = 0.95
) -> PetPeese | NotEstimable:
    """Take the intercept on standard errors (PET) unless it differs from 0, else that on variances (PEESE).

    Shapes: `yi`, `vi` [k], at least three studies. `alpha` is two-sided. Weighted least squares with a free
    factor on the variances. Raises ValueError on another shape, an impossible level or alpha.
    **Source** Stanley & Doucouliagos 2014, Res Synth Methods 5:60-78. Oracle: the limit estimates of
    `regtest(rma(...), model="lm", predictor="sei")` and `"vi"`.

    >>> found = pet_peese([0.9, 0.7, 0.5, 0.3, 0.25, 0.41], [0.16, 0.09, 0.04, 0.01, 0.02, 0.05])
    >>> found.chosen, round(found.mu, 3), found.cautions[0].name
    ('PET', 0.073, 'FEW_STUDIES')
    """
    if not 0 < alpha < 1:
        raise ValueError(f"alpha lies between 0 and 1, not at {alpha}")
    pet, peese = (egger(yi, vi, predictor=name, level=level) for name in ("se", "variance"))
    if isinstance(pet, NotEstimable):
        return pet
    if isinstance(peese, NotEstimable):
        return peese
    df = pet.k - 2
    pet_p = float(two_sided_p(pet.intercept / pet.intercept_se, df))
    name, line = ("PEESE", peese) if pet_p < alpha else ("PET", pet)
    assert line.limit_low is not None
    assert line.limit_high is not None
    return PetPeese(
        chosen=name,
        mu=line.intercept,
        se=line.intercept_se,
        ci_low=line.limit_low,
        ci_high=line.limit_high,
        p=float(two_sided_p(line.intercept / line.intercept_se, df)),
        df=df,
        pet_p=pet_p,
        pet=pet,
        peese=peese,
        cautions=pet.cautions,
    )
