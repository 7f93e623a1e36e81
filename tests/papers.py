"""PDFs for tests, written by hand: complete and readable, or harmful on purpose."""

from __future__ import annotations


def pdf(*pages: str, width: int = 420, height: int = 595) -> bytes:
    """A PDF with one line of text on each page; `%` of a literal bracket needs no care here."""
    kids = " ".join(f"{4 + 2 * at} 0 R" for at in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for at, text in enumerate(pages):
        plain = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        drawing = f"BT /F1 11 Tf 40 {height - 80} Td ({plain}) Tj ET"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] /Contents {5 + 2 * at} 0 R"
            " /Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(drawing)} >>\nstream\n{drawing}\nendstream")
    return _file(objects)


def endless_pdf() -> bytes:
    """A page that draws a pattern of patterns, each a hundred times the one before: time without end."""
    deep = 9
    forms = []
    for at in range(deep):
        below = f"/X{at + 1} Do " * 60 if at < deep - 1 else "0 0 9 9 re f "
        inside = f"/Resources << /XObject << /X{at + 1} {5 + at + 1} 0 R >> >>" if at < deep - 1 else ""
        head = f"/Type /XObject /Subtype /Form /BBox [0 0 400 400] {inside} /Length {len(below)}"
        forms.append(f"<< {head} >>\nstream\n{below}\nendstream")
    drawing = "/X0 Do"
    return _file(
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 400] /Contents 4 0 R"  # noqa: ISC004 - one object
            " /Resources << /XObject << /X0 5 0 R >> >> >>",
            f"<< /Length {len(drawing)} >>\nstream\n{drawing}\nendstream",
            *forms,
        ]
    )


def _file(objects: list[str]) -> bytes:
    out, places = b"%PDF-1.4\n", []
    for number, text in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{text}\nendobj\n".encode("latin-1")
    rows = "".join(f"{place:010d} 00000 n \n" for place in places)
    table = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{rows}"
    tail = f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + (table + tail).encode()
