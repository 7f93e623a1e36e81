"""A program of its own: a PDF comes in, the number of its pages or one page's picture and text go out.

Whoever sends a PDF may mean harm, so no other process of the service ever opens one. This program is started
for one question, without rights to new files or processes, with little memory and little time, and it imports
nothing of the service. The answer is one line of JSON and, for a page, its picture (PNG).
"""

from __future__ import annotations

import io
import json
import resource
import sys
from typing import Any

MEMORY = 1_500_000_000  # bytes of address space; an article takes a tenth of it
SECONDS = 20  # of the processor
MOST_PAGES = 2000  # a thesis with its appendices; beyond is no report
WIDTH = 1400  # pixels: readable at twice the width of a phone
MOST_PIXELS = 12_000_000
MOST_TEXT = 200_000  # characters of a page


def main() -> None:
    """Answer `pages`, or `page N` counted from 1, about the PDF on the standard input."""
    _confine()
    question, body = sys.argv[1:], sys.stdin.buffer.read()
    answer, picture = _answered(question, body)
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + picture)


def _answered(question: list[str], body: bytes) -> tuple[dict[str, Any], bytes]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(body)
        if question[0] == "pages":
            return {"pages": len(document)}, b""
        if len(document) > MOST_PAGES:
            return {"fault": "too_many"}, b""
        page = document[int(question[1]) - 1]
        return {"text": _text(page)}, _picture(page)
    except pypdfium2.PdfiumError as fault:
        return {"fault": "locked" if "password" in str(fault).lower() else "damaged"}, b""
    except (MemoryError, OverflowError, ValueError):
        return {"fault": "too_large"}, b""


def _picture(page: Any) -> bytes:
    width, height = page.get_size()
    scale = min(WIDTH / max(width, 1.0), (MOST_PIXELS / max(width * height, 1.0)) ** 0.5)
    image = page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _text(page: Any) -> str:
    """The text as it stands, with the hyphens of broken words as hyphens and no unprintable characters."""
    found = page.get_textpage().get_text_bounded()[:MOST_TEXT].replace("\r\n", "\n").replace("\ufffe", "-")
    return "".join(char for char in found if char in "\n\t" or char.isprintable())


def _confine() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    main()
