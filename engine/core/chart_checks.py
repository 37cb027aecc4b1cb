"""Whether the moves of a machine make sense together: everything is reached, ends, and nothing runs in a circle."""

from __future__ import annotations

from collections.abc import Iterator

from engine.core.chart import Chart, Problems, where_of
from engine.core.machine import Machine, Move


def check_reach(machine: Machine, chart: Chart, problems: Problems) -> None:
    """Note states that no case can come to, and states from which no case can come to an end."""
    onward: dict[str, list[Move]] = {path: [] for path in ("", *chart.states)}
    back: dict[str, list[Move]] = {path: [] for path in onward}
    for key, branches in machine.moves.items():
        action = machine.actions.get(key)
        ways = back if action is not None and action.back else onward
        ways[key[0]] += [branch.move for branch in branches]
    for (path, _, _), move in machine.refusals.items():
        onward[path].append(move)
    for path, branches in machine.completions.items():
        onward[path] += [branch.move for branch in branches]
    for (path, _, _), branches in machine.reactions.items():
        onward[path] += [branch.move for branch in branches]
    for (path, _), move in machine.expiries.items():
        onward[path].append(move)
    for (path, _, _, _), move in machine.climbs.items():
        onward[path].append(move)
    reached = _reached(onward)
    for path in chart.states:
        if path not in reached:
            problems.add("unreachable_state", where_of(path), "a way that leads there", path)
    # Only where a case has been can it be sent back to: that opens no way to a state, but may be one to the end.
    ending = _ending({path: [*moves, *back[path]] for path, moves in onward.items()}, chart)
    for path in chart.states:
        if path in reached and path not in ending and not chart.children[path]:
            problems.add("no_way_to_the_end", where_of(path), "a way to a final state", path)


def _reached(onward: dict[str, list[Move]]) -> set[str]:
    reached, waiting = {""}, [""]
    while waiting:
        for move in onward[waiting.pop()]:
            new = [path for path in move.entered if path not in reached]
            reached.update(new)
            waiting += new
    return reached


def _ending(onward: dict[str, list[Move]], chart: Chart) -> set[str]:
    """Leaves from which a final state of the whole procedure can be reached; a container goes on for its leaves."""
    ending = {path for path in chart.tops if chart.states[path].kind == "final"}
    leaves = [path for path in chart.states if not chart.children[path]]
    while True:
        more = {
            leaf
            for leaf in leaves
            if leaf not in ending
            for path in (leaf, *chart.ancestors[leaf])
            for move in onward[path]
            if not ending.isdisjoint(move.leaves)
        }
        if not more:
            return ending
        ending |= more


def check_automatic(machine: Machine, chart: Chart, problems: Problems) -> None:
    """Note states that would be left and entered for ever with nobody doing anything."""
    for start in machine.completions:
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            for path in _at_once(waiting.pop(), machine, chart):
                if path == start:
                    problems.add("endless_branches", f"{where_of(start)}.then", "a task on the way round", start)
                    waiting.clear()
                    break
                if path not in seen:
                    seen.add(path)
                    waiting.append(path)


def _at_once(path: str, machine: Machine, chart: Chart) -> Iterator[str]:
    """What is left by itself right after this state was."""
    for branch in machine.completions[path]:
        for leaf in branch.move.leaves:
            if leaf in machine.completions:
                yield leaf
            elif chart.states[leaf].kind == "final" and chart.ancestors[leaf]:
                yield from _completed_by(leaf, machine, chart)


def _completed_by(leaf: str, machine: Machine, chart: Chart) -> Iterator[str]:
    """The container that is complete once this final leaf is entered, if its other regions need nobody either."""
    parent, *above = chart.ancestors[leaf]
    if parent in machine.completions:
        yield parent
    elif above and above[0] in machine.completions:
        sisters = [region for region in chart.children[above[0]] if region != parent]
        if all(_finishes_alone(region, machine, chart) for region in sisters):
            yield above[0]


def _finishes_alone(region: str, machine: Machine, chart: Chart) -> bool:
    """Whether a region may come to its end with nobody doing anything."""
    seen: set[str] = set()
    waiting = list(chart.entered(region))
    while waiting:
        path = waiting.pop()
        if chart.states[path].kind == "final":
            return True
        if path not in seen and path in machine.completions and not chart.children[path]:
            seen.add(path)
            waiting += [leaf for branch in machine.completions[path] for leaf in branch.move.leaves]
    return False
