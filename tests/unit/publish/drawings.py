"""What a drawing holds: its words, its numbers, and how far its shapes reach."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator

SVG = "{http://www.w3.org/2000/svg}"
NUMBER = re.compile(r"[−<>±]?\d[\d,]*(?:\.\d+)?%?")
_TOKEN = re.compile(r"([MmLlHhVvZz])|(-?\d*\.?\d+)")
Point = tuple[float, float]


def words(root: ET.Element) -> Iterator[str]:
    """Yield every text of a drawing but the labels of its axes."""
    for text in root.iter(f"{SVG}text"):
        if "tick" not in (text.get("class") or "").split():
            yield "".join(text.itertext())


def numbers(text: str) -> set[str]:
    return {found.rstrip(",").strip("±") for found in NUMBER.findall(text)}


def reach(root: ET.Element) -> Iterator[tuple[str, float, float]]:
    """Yield every point that a shape of a drawing reaches, with the shape's name."""
    yield from _reach(root, (0.0, 0.0))


def _reach(element: ET.Element, at: Point) -> Iterator[tuple[str, float, float]]:
    moved = re.fullmatch(r"translate\(([-\d.]+) ([-\d.]+)\)", element.get("transform") or "translate(0 0)")
    assert moved, element.get("transform")
    here = (at[0] + float(moved[1]), at[1] + float(moved[2]))
    for x, y in _points(element):
        yield element.tag.removeprefix(SVG), here[0] + x, here[1] + y
    for child in element:
        yield from _reach(child, here)


def _points(element: ET.Element) -> Iterator[Point]:
    def value(name: str) -> float:
        return float(element.get(name) or 0)

    match element.tag.removeprefix(SVG):
        case "line":
            yield value("x1"), value("y1")
            yield value("x2"), value("y2")
        case "rect":
            assert value("width") >= 0
            assert value("height") >= 0
            yield value("x"), value("y")
            yield value("x") + value("width"), value("y") + value("height")
        case "circle":
            yield value("cx") - value("r"), value("cy") - value("r")
            yield value("cx") + value("r"), value("cy") + value("r")
        case "text":
            yield value("x"), value("y")
        case "path":
            yield from _path(element.get("d") or "")


def _path(commands: str) -> Iterator[Point]:
    x, y, start, kind = 0.0, 0.0, (0.0, 0.0), ""
    given: list[float] = []
    for letter, number in _TOKEN.findall(commands):
        if letter:
            kind = letter
            if letter in "Zz":
                x, y = start
            continue
        given.append(float(number))
        match kind, len(given):
            case ("H", 1):
                x = given.pop()
            case ("h", 1):
                x += given.pop()
            case ("V", 1):
                y = given.pop()
            case ("v", 1):
                y += given.pop()
            case ("M" | "L", 2):
                x, y = given
                given = []
            case ("m" | "l", 2):
                x, y = x + given[0], y + given[1]
                given = []
            case _:
                continue
        if kind in "Mm":
            start = (x, y)
            kind = "L" if kind == "M" else "l"
        yield x, y
