"""Boards of a place: the documents its layers give, resolved against the registers that it has."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from engine.core.board import Board, Figure, Heat, Line, Rank, Tile, Trend, Wall
from engine.core.language.board import BoardDocument, HeatPart, RankPart, TilePart, TrendPart, WallPart
from engine.core.language.reading import understand
from engine.core.layers import Layers
from engine.core.library import Library
from engine.core.provenance import Provenance, place_of, recorded
from engine.core.register import Column, Register
from engine.core.yaml_source import Node
from engine.errors import DefinitionError, Place

#: Words for the lights of a case, by how registers filter them.
_WORDS = {"overdue": "red", "soon": "yellow"}
#: Kinds of filters that are asked by their name alone.
_MARKS = ("mark", "flag")


@dataclass(frozen=True, kw_only=True)
class ResolvedBoard:
    """A board with the places of its parts, and what is wrong with it; None if that is too much."""

    board: Board | None
    provenance: Provenance
    problems: tuple[DefinitionError, ...]


def boards_of(
    library: Library, layers: Layers, registers: Mapping[str, Register], replaced: Callable[[str, Node], Node]
) -> dict[str, ResolvedBoard]:
    """The boards of the layers, the nearest of each id; those of registers that do not run here are left.

    `replaced`: the document of an id with what a plan or place puts in its place; may raise DefinitionError.
    """
    found: dict[str, ResolvedBoard] = {}
    elsewhere = {one.id for one in library.of_kind("register", layers)} - registers.keys()
    for name in dict.fromkeys(one.id for one in library.of_kind("board", layers)):
        document = library.find("board", name, layers)
        assert document is not None
        try:
            node = replaced(name, document.node)
        except DefinitionError as error:
            found[name] = ResolvedBoard(board=None, provenance={}, problems=(error,))
            continue
        model, problems = understand(node, BoardDocument)
        if model is None:
            found[name] = ResolvedBoard(board=None, provenance={}, problems=tuple(problems))
        elif not elsewhere.intersection(registers_of(model)):
            found[name] = board_of(model, node, registers)
    return found


def registers_of(model: BoardDocument) -> list[str]:
    """The registers a board counts, in its order."""
    parts = [tile.count for tile in model.tiles.values()]
    parts += [model.heat.count] if model.heat else []
    parts += [line.count for line in model.trend.lines.values()] if model.trend else []
    parts += [model.rank.share, model.rank.among] if model.rank else []
    parts += [model.wall.of] if model.wall else []
    return list(dict.fromkeys(text.partition(" where ")[0] for text in parts))


def board_of(model: BoardDocument, node: Node, registers: Mapping[str, Register]) -> ResolvedBoard:
    """Resolve one document against the registers of the place."""
    provenance: dict[str, Place] = {}
    recorded(node, "", provenance)
    work = _Work(registers, provenance)
    board = Board(
        id=model.board,
        title=model.title,
        tiles=tuple(work.tile(name, tile) for name, tile in model.tiles.items()),
        heat=work.heat(model.heat) if model.heat else None,
        trend=work.trend(model.trend) if model.trend else None,
        rank=work.rank(model.rank) if model.rank else None,
        wall=work.wall(model.wall) if model.wall else None,
        basis=tuple(model.basis),
    )
    return ResolvedBoard(board=None if work.problems else board, provenance=provenance, problems=tuple(work.problems))


class _Work:
    """The resolution of one board while it goes on."""

    def __init__(self, registers: Mapping[str, Register], provenance: Provenance) -> None:
        self.registers = registers
        self.provenance = provenance
        self.problems: list[DefinitionError] = []

    def tile(self, name: str, part: TilePart) -> Tile:
        """One figure."""
        colour, _, above = (part.light or "").partition(" when > ")
        return Tile(
            id=name,
            title=part.title,
            figure=self.figure(part.count, f"tiles.{name}.count", needs=(part.trend,) if part.trend else ()),
            light="red" if colour == "red" else "yellow" if colour else "",
            above=int(above or 0),
            trend=part.trend or "",
        )

    def heat(self, part: HeatPart) -> Heat:
        """The matrix; its register can be filtered by both sides, so that every number leads to its list."""
        figure = self.figure(part.count, "heat.count", needs=(part.rows, part.columns))
        return Heat(title=part.title, rows=part.rows, columns=part.columns, figure=figure)

    def trend(self, part: TrendPart) -> Trend:
        """The lines; each register can be filtered by the date that is counted."""
        lines = tuple(
            Line(
                id=name,
                title=line.title,
                figure=self.figure(line.count, f"trend.lines.{name}.count", needs=(line.by,)),
                by=line.by,
            )
            for name, line in part.lines.items()
        )
        return Trend(title=part.title, months=part.months, lines=lines)

    def rank(self, part: RankPart) -> Rank:
        """The ranking."""
        return Rank(
            title=part.title,
            of=part.of,
            share=self.figure(part.share, "rank.share", needs=(part.of,)),
            among=self.figure(part.among, "rank.among", needs=(part.of,)),
            least=part.least,
            worst=part.worst,
            best=part.best,
        )

    def wall(self, part: WallPart) -> Wall:
        """The first cases of a list; its columns are columns of the register."""
        figure = self.figure(part.of, "wall.of")
        register = self.registers.get(figure.register)
        columns: list[Column] = []
        for at, name in enumerate(part.columns if register else ()):
            assert register is not None
            known = {column.id: column for column in register.columns}
            if name in known:
                columns.append(known[name])
            else:
                self._unknown("unknown_column", name, f"wall.columns.{at}", list(known))
        return Wall(title=part.title, figure=figure, columns=tuple(columns), rows=part.rows)

    def figure(self, text: str, path: str, *, needs: tuple[str, ...] = ()) -> Figure:
        """`register where total and filter == 'value'`: what the register's own page can show."""
        name, _, condition = text.partition(" where ")
        register = self.registers.get(name)
        if register is None:
            self._unknown("unknown_register", name, path, list(self.registers))
            return Figure(register=name)
        for need in needs:
            if not any(one.case == need for one in register.filters):
                self._unknown("not_a_filter_of", need, path, [one.id for one in register.filters], register=name)
        asked: list[tuple[str, str]] = []
        for term in _terms(condition):
            told = _asked(register, term)
            if told is None:
                known = [word for word in _WORDS if _asked(register, word)]
                known += [one.id if one.kind in _MARKS else f"{one.id} == ..." for one in register.filters]
                self._unknown("not_a_figure", term if isinstance(term, str) else " == ".join(term), path, known)
            else:
                asked.append(told)
        return Figure(register=name, filters=tuple(asked))

    def _unknown(self, code: str, name: str, path: str, known: list[str], **data: object) -> None:
        place = place_of(self.provenance, path)
        nearest = (get_close_matches(name, known, n=1) or [""])[0]
        expected = "one of " + ", ".join(known)
        self.problems.append(DefinitionError(code, place=place, expected=expected, got=name, nearest=nearest, **data))


def _asked(register: Register, term: str | tuple[str, str]) -> tuple[str, str] | None:
    """The filter that a term means, with its word; None where the register has none such."""
    word = term if isinstance(term, str) else ""
    if word in _WORDS:
        light = next((one.id for one in register.filters if one.case == "light"), "")
        return (light, _WORDS[word]) if light else None
    name, value = (word, "true") if isinstance(term, str) else term
    column = register.filter(name)
    if column is None or (isinstance(term, str) and column.kind not in _MARKS):
        return None
    return (name, value) if _fits(column, value) else None


def _terms(text: str) -> list[str | tuple[str, str]]:
    """The parts of `a and b == 'c'`; what is neither a word nor a comparison with one literal stays as it is."""
    if not text:
        return []
    try:
        node = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return [text]
    parts = node.values if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And) else [node]
    return [_term(part, text) for part in parts]


def _term(node: ast.expr, text: str) -> str | tuple[str, str]:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Compare(left=ast.Name(id=name), ops=[ast.Eq()], comparators=[ast.Constant(value=value)]) if isinstance(
            value, str
        ):
            return name, value
        case _:
            return ast.get_source_segment(text, node) or text


def _fits(column: Column, value: str) -> bool:
    return not column.options or any(value == key for key, _ in column.options)
