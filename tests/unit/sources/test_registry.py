"""Whatever a protocol may name as a source is known everywhere that asks which kind it is."""

from typing import get_args, get_type_hints
from urllib.parse import urlsplit

from living.config import Settings
from living.model.protocol import Source
from living.review.catalogue import URLS
from living.review.flow import PLACES
from living.sources.plan import PLANS
from living.sources.registry import REGISTRIES, pace_of

KINDS = set(get_args(get_type_hints(Source)["kind"]))


def test_every_kind_of_source_is_a_registry_or_an_import() -> None:
    assert {*REGISTRIES, "import"} == KINDS


def test_every_kind_has_its_place_its_plan_and_the_address_of_an_entry() -> None:
    assert PLACES.keys() == KINDS
    assert REGISTRIES.keys() == PLANS.keys() == URLS.keys()


def test_every_registry_is_asked_at_its_real_host_over_tls_and_never_faster_than_it_allows() -> None:
    plain = Settings.model_construct(
        **{name: item.get_default() for name, item in Settings.model_fields.items()}
    )
    hosts = {kind: urlsplit(plain.base_url(kind)) for kind in REGISTRIES}
    assert {kind: (url.scheme, url.netloc) for kind, url in hosts.items()} == {
        "pubmed": ("https", "eutils.ncbi.nlm.nih.gov"),
        "ctgov": ("https", "clinicaltrials.gov"),
        "europepmc": ("https", "www.ebi.ac.uk"),
        "isrctn": ("https", "www.isrctn.com"),
    }
    assert all(pace_of(kind) > 1 for kind in REGISTRIES if kind != "pubmed")
    assert pace_of("pubmed") > 1 / 3
