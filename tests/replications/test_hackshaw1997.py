"""Passive smoking and lung cancer, 37 studies: Hackshaw, Law & Wald 1997, BMJ 315:980-988.

Printed value read in: the abstract of the paper as listed by PubMed (read at ichgcp.net): "The excess risk of
lung cancer was 24% (95% confidence interval 13% to 36%)". Data: metadat's dat.hackshaw1998, taken from
Hackshaw 1998, Stat Methods Med Res 7:119-136.
"""

import numpy as np

from tests.replications.printed import pooled, shown, table, triple

D = table("hackshaw1998")


def test_the_excess_risk_is_24_percent_13_to_36() -> None:
    found = pooled(D["yi"], D["vi"], tau2="DL")
    assert found.k == 37
    assert shown(100 * (np.exp(triple(found)) - 1), 0) == ["24", "13", "36"]
