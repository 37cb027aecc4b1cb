"""The states of a procedure as a picture with the way a case has taken: where everything stands; pure.

Across: the main path, the way on that each state's first action offers, from left to right; below it, where they
branch off, states beside it with what they contain; at the bottom the other ends. Down, for narrow screens: the same
in one column. Lengths are pixels of the picture's own box; titles are measured by counting characters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from engine.core.definition import StateSpec
from engine.core.machine import Machine

Way = Literal["ahead", "taken", "back"]

_CHARACTER = 13
_PADDING = 24
_NARROWEST = 72
_HEIGHT = 44
_CHIP_HEIGHT = 32
#: Of a state within another to which the case has not come.
_SMALL_HEIGHT = 28
_GAP = 36
_ROW_GAP = 30
_INNER = 10
_TITLE = 20
_INDENT = 24
#: The main path goes on in a further line where it would be wider.
_WIDEST = 720
#: Height that an arc above the main path needs.
_ARC = 26
_EDGE = 2


@dataclass(frozen=True, kw_only=True)
class Visited:
    """How often a state was entered, how long it was stayed in, and whether the case is there now."""

    times: int = 0
    #: in words
    lasted: str = ""
    now: bool = False


@dataclass(frozen=True, kw_only=True)
class Node:
    """A state in the picture; x and y are its upper left corner."""

    path: str
    title: str
    #: simple, final, nested, parallel
    kind: str
    x: float
    y: float
    width: float
    height: float
    visited: Visited
    #: states drawn inside of it
    inside: tuple[Node, ...] = ()

    def all(self) -> Iterator[Node]:
        """It and everything inside."""
        yield self
        for node in self.inside:
            yield from node.all()

    def moved(self, x: float, y: float) -> Node:
        """The same elsewhere, with what is inside."""
        return replace(self, x=self.x + x, y=self.y + y, inside=tuple(node.moved(x, y) for node in self.inside))


@dataclass(frozen=True, kw_only=True)
class Edge:
    """A way from one state to another, as a path of SVG."""

    source: str
    target: str
    path: str
    way: Way
    #: how often it was gone
    times: int = 0


@dataclass(frozen=True, kw_only=True)
class Diagram:
    """The whole picture."""

    width: float
    height: float
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def all(self) -> tuple[Node, ...]:
        """Every state, containers before what they contain."""
        return tuple(one for node in self.nodes for one in node.all())


def main_path(machine: Machine) -> tuple[str, ...]:
    """Top states in the order in which the first action of each leads on, from where cases begin to an end."""
    found: list[str] = []
    state = _first_state(machine)
    while state and state not in found:
        found.append(state)
        state = _next_state(machine, state)
    return tuple(found)


def draw(
    machine: Machine, visited: Mapping[str, Visited], gone: Sequence[tuple[str, str]], *, down: bool = False
) -> Diagram:
    """The picture for a case: `visited` by path of leaf, `gone` the moves between top states in their order."""
    main = main_path(machine)
    tops = [state for state in machine.procedure.states if "." not in state.path]
    beside = [state.path for state in tops if state.path not in main and state.kind != "final"]
    ends = [state.path for state in tops if state.path not in main and state.kind == "final"]
    boxes = {state.path: _box(machine, state, visited, down=down) for state in tops}
    nodes = _column(machine, boxes, main, beside, ends) if down else _rows(machine, boxes, main, beside, ends)
    counted: dict[tuple[str, str], int] = {}
    for move in gone:
        counted[move] = counted.get(move, 0) + 1
    order = {state.path: n for n, state in enumerate(tops)}
    edges = _edges(nodes, main, counted, order, down=down)
    width = max(node.x + node.width for node in nodes.values()) + _EDGE
    height = max(node.y + node.height for node in nodes.values()) + _EDGE
    return Diagram(width=width, height=height, nodes=tuple(nodes.values()), edges=tuple(edges))


# what leads where ---------------------------------------------------------------------------------------------------


def _top(path: str) -> str:
    return path.partition(".")[0]


def _first_state(machine: Machine) -> str:
    starts = [machine.moves.get(("", "", action.id), ()) for action in machine.procedure.starts]
    return next((_top(branch.move.target) for branches in starts for branch in branches), "")


def _next_state(machine: Machine, state: str) -> str:
    spec = machine.states[state]
    for task in spec.tasks[:1]:
        for action in task.actions:
            for branch in machine.moves.get((state, task.id, action.id), ()):
                if _top(branch.move.target) != state:
                    return _top(branch.move.target)
    # What is left by itself goes on by its last branch: the ones before it are exceptions.
    completions = machine.completions.get(state, ())[-1:]
    return next((_top(branch.move.target) for branch in completions if _top(branch.move.target) != state), "")


def _sources(machine: Machine, state: str) -> tuple[str, ...]:
    """Top states from which an action leads there."""
    found = [
        _top(where)
        for (where, _, _), branches in machine.moves.items()
        if where and any(_top(branch.move.target) == state for branch in branches)
    ]
    return tuple(dict.fromkeys(one for one in found if one != state))


# boxes --------------------------------------------------------------------------------------------------------------


def text_width(text: str) -> float:
    """How wide a title is drawn: narrow letters take half of a Chinese character."""
    return sum(_CHARACTER if unicodedata.east_asian_width(one) in "WF" else _CHARACTER * 0.58 for one in text)


def _box(machine: Machine, state: StateSpec, visited: Mapping[str, Visited], *, down: bool) -> Node:
    """A state at the origin, as wide as its title and its days need, with what it contains."""
    seen = visited.get(state.path, Visited())
    inside = _inside(machine, state, visited, down=down)
    words = max(text_width(state.title), text_width(seen.lasted) * 0.85)
    width = max(_NARROWEST, words + _PADDING, *(node.x + node.width + _INNER for node in inside), 0)
    lone = _HEIGHT if "." not in state.path or seen.times else _SMALL_HEIGHT
    height = max((node.y + node.height + _INNER for node in inside), default=lone)
    return Node(
        path=state.path,
        title=state.title,
        kind=state.kind,
        x=0,
        y=0,
        width=round(width, 1),
        height=round(height, 1),
        visited=seen,
        inside=inside,
    )


def _inside(machine: Machine, state: StateSpec, visited: Mapping[str, Visited], *, down: bool) -> tuple[Node, ...]:
    """Children of a nested state in a row, regions of a parallel one below each other; all in a column if `down`."""
    stacked = down or state.kind == "parallel"
    placed: list[Node] = []
    x, y = float(_INNER), float(_INNER + _TITLE)
    for name in state.children:
        node = _box(machine, machine.states[f"{state.path}.{name}"], visited, down=down).moved(x, y)
        placed.append(node)
        if stacked:
            y = node.y + node.height + _INNER
        else:
            x = node.x + node.width + _GAP / 2
    return tuple(placed)


# places -------------------------------------------------------------------------------------------------------------


def _rows(
    machine: Machine, boxes: Mapping[str, Node], main: Sequence[str], beside: Sequence[str], ends: Sequence[str]
) -> dict[str, Node]:
    """Main path in a row, states beside it in a second, other ends in a third."""
    placed = dict(_main_lines([(path, boxes[path]) for path in main]))
    y, x = max((node.y + node.height for node in placed.values()), default=0.0) + _ROW_GAP, 0.0
    for path in beside:
        wanted = max((placed[one].x for one in _sources(machine, path)[-1:] if one in placed), default=0.0)
        placed[path] = boxes[path].moved(max(x, wanted), y)
        x = placed[path].x + placed[path].width + _GAP
    room = min((placed[path].x - _GAP for path in beside), default=0.0)
    widest = max((boxes[path].width for path in ends), default=0)
    if room < widest:  # no room left of the states beside: below them
        y += max((boxes[path].height + _ROW_GAP for path in beside), default=0)
        room = max(node.x + node.width for node in placed.values())
    return {**placed, **dict(_lines([(path, boxes[path]) for path in ends], y, max(room, widest)))}


def _main_lines(boxes: Sequence[tuple[str, Node]]) -> Iterator[tuple[str, Node]]:
    """The main path from left to right, in as many lines as it needs to stay readable; middles at one height."""
    room = max(_WIDEST, *(box.width for _, box in boxes), 0.0)
    tallest = max((box.height for _, box in boxes), default=_HEIGHT)
    x, top = 0.0, float(_ARC)
    for path, box in boxes:
        if x and x + box.width > room:
            x, top = 0.0, top + tallest + _ARC + _ROW_GAP
        yield path, box.moved(x, top + (tallest - box.height) / 2)
        x += box.width + _GAP


def _lines(boxes: Sequence[tuple[str, Node]], y: float, room: float) -> Iterator[tuple[str, Node]]:
    """Small boxes beside each other, in as many lines as they need."""
    x = 0.0
    for path, box in boxes:
        if x and x + box.width > room:
            x, y = 0.0, y + _CHIP_HEIGHT + _INNER
        yield path, replace(box.moved(x, y), height=_CHIP_HEIGHT)
        x += box.width + _INNER


def _column(
    machine: Machine, boxes: Mapping[str, Node], main: Sequence[str], beside: Sequence[str], ends: Sequence[str]
) -> dict[str, Node]:
    """Everything below each other: states beside the path stand, moved in, after where they branch off."""
    after: dict[str, list[str]] = {}
    for path in beside:
        known = [one for one in _sources(machine, path) if one in main]
        after.setdefault(known[-1] if known else (main[-1] if main else ""), []).append(path)
    placed: dict[str, Node] = {}
    y = float(_EDGE)
    for path in main:
        placed[path] = boxes[path].moved(_ARC, y)
        y = placed[path].y + placed[path].height + _ROW_GAP * 0.7
        for other in after.get(path, ()):
            placed[other] = boxes[other].moved(_ARC + _INDENT, y)
            y = placed[other].y + placed[other].height + _ROW_GAP * 0.7
    for path in [*after.get("", ()), *ends]:
        height = _CHIP_HEIGHT if path in ends else boxes[path].height
        placed[path] = replace(boxes[path].moved(_ARC + _INDENT, y), height=height)
        y += height + _INNER
    return placed


# ways ---------------------------------------------------------------------------------------------------------------


def _edges(
    nodes: Mapping[str, Node],
    main: Sequence[str],
    gone: Mapping[tuple[str, str], int],
    order: Mapping[str, int],
    *,
    down: bool,
) -> Iterator[Edge]:
    """The main path, and every way the case has gone; back is to what the definition names before."""
    steps = list(pairwise(main))
    for source, target in dict.fromkeys((*steps, *gone)):
        if source not in nodes or target not in nodes or source == target:
            continue
        times = gone.get((source, target), 0)
        back = order[target] < order[source]
        way: Way = "ahead" if not times else "back" if back else "taken"
        path = _line(nodes[source], nodes[target], next_to=(source, target) in steps, down=down)
        yield Edge(source=source, target=target, path=path, way=way, times=times)


def _line(source: Node, target: Node, *, next_to: bool, down: bool) -> str:
    """Straight between neighbours, else around what stands between: above or left of the row, or from below."""
    if down:
        return _line_down(source, target, next_to=next_to)
    middle, other = source.y + source.height / 2, target.y + target.height / 2
    if next_to and source.x < target.x:
        return _path((source.x + source.width, middle), (target.x, other))
    left, right = source.x + source.width / 2, target.x + target.width / 2
    if target.y > source.y + source.height:
        bend = target.y - _ROW_GAP / 2
        return _path((left, source.y + source.height), (left, bend), (right, bend), (right, target.y))
    if source.y > target.y + target.height:
        bend = source.y - _ROW_GAP / 2
        return _path((left, source.y), (left, bend), (right, bend), (right, target.y + target.height))
    lift = min(source.y, target.y) - _ARC * 0.7
    shift = _INNER if left < right else -_INNER
    return _path((left + shift, source.y), (left + shift, lift), (right - shift, lift), (right - shift, target.y))


def _line_down(source: Node, target: Node, *, next_to: bool) -> str:
    x = min(source.x, target.x) + _INDENT / 2
    if next_to and target.y - source.y - source.height < _ROW_GAP:
        return _path((x, source.y + source.height), (x, target.y))
    start, end = source.y + source.height / 2, target.y + target.height / 2
    if next_to:
        return _path((source.x + _INDENT / 2, source.y + source.height), (target.x + _INDENT / 2, target.y))
    side = _ARC / 3 if start > end else _ARC * 2 / 3
    return _path((source.x, start), (side, start), (side, end), (target.x, end))


def _path(*points: tuple[float, float]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points)


def moves_of(states: Iterable[str]) -> list[tuple[str, str]]:
    """The moves between top states that entering leaves in this order makes."""
    found: list[tuple[str, str]] = []
    last = ""
    for state in states:
        top = _top(state)
        if last and top != last:
            found.append((last, top))
        last = top
    return found
