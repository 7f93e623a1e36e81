"""The bytes of an answer before anything is read from them: JSON, XML, a web page, nothing, or half of it."""

from __future__ import annotations

import json
from typing import Any

from lxml import etree

from living.errors import SourceChanged, SourceDown
from living.model.values import digest
from living.sources.gateway import excerpt, is_html

Json = dict[str, Any]


def json_object(source: str, body: bytes) -> Json:
    """Return a JSON object, or raise what the body deserves."""
    payload = digest(body)
    _refuse_pages(source, body, payload, "JSON")
    if body.lstrip()[:1] != b"{":
        raise SourceChanged(source, f"not JSON: {excerpt(body)}", payload=payload)
    try:
        found = json.loads(body, parse_constant=_no_constant)
    except RecursionError:
        raise SourceChanged(source, "JSON nested deeper than any entry", payload=payload) from None
    except ValueError:
        raise SourceDown(source, "JSON that is cut off or damaged", payload=payload) from None
    return dict(found)


def xml_root(source: str, body: bytes, name: str) -> etree._Element:
    """Return the root of an XML body, which must have this name; no DTD, no entity, no network."""
    payload = digest(body)
    _refuse_pages(source, body, payload, "XML")
    if b"<!ENTITY" in body[:4096] or b"<!DOCTYPE" in body[:4096]:
        raise SourceChanged(source, "XML that declares types or entities", payload=payload)
    if not body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise SourceChanged(source, f"not XML: {excerpt(body)}", payload=payload)
    try:
        root = etree.fromstring(body, _hardened())
    except etree.XMLSyntaxError as fault:
        raise SourceDown(source, f"XML that cannot be read: {fault.msg}", payload=payload) from None
    if root.tag != name:  # asked of whole documents alone: of half a name another one would be read
        raise SourceChanged(source, f"XML that is no {name}: {root.tag}", payload=payload)
    return root


def _refuse_pages(source: str, body: bytes, payload: str, expected: str) -> None:
    if not body.strip():
        raise SourceDown(source, "an empty answer", payload=payload)
    if is_html(body):
        what = f"a web page where {expected} was expected: {excerpt(body, 80)}"
        raise SourceDown(source, what, payload=payload)


def _no_constant(name: str) -> float:
    raise ValueError(name)  # NaN and Infinity are no JSON


def _hardened() -> etree.XMLParser:
    return etree.XMLParser(
        load_dtd=False,
        no_network=True,
        resolve_entities=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=False,  # keeps libxml2's own limits on depth and on the length of one text
    )
