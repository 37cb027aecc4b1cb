"""The picture of a case's states: every state is there once, none covers another, the way taken is marked."""

from __future__ import annotations

from itertools import combinations

import pytest

from engine.core.machine import Machine
from tests.worlds import sample
from web.diagram import Diagram, Node, Visited, draw, main_path, moves_of


def apart(one: Node, other: Node) -> bool:
    """Whether two boxes share no point."""
    beside = one.x + one.width <= other.x or other.x + other.width <= one.x
    return beside or one.y + one.height <= other.y or other.y + other.height <= one.y


def around(outer: Node, inner: Node) -> bool:
    """Whether a box lies within another."""
    right = inner.x + inner.width <= outer.x + outer.width
    below = inner.y + inner.height <= outer.y + outer.height
    return outer.x <= inner.x and outer.y <= inner.y and right and below


@pytest.fixture(params=[False, True], ids=["across", "down"])
def picture(request: pytest.FixtureRequest) -> Diagram:
    """The sample's states, without a case."""
    return draw(sample(), {}, (), down=request.param)


def test_every_state_is_drawn_once(picture: Diagram) -> None:
    assert sorted(node.path for node in picture.all()) == sorted(sample().states)


def test_no_state_covers_another(picture: Diagram) -> None:
    assert [(one.path, two.path) for one, two in combinations(picture.nodes, 2) if not apart(one, two)] == []
    for node in picture.all():
        assert [(one.path, two.path) for one, two in combinations(node.inside, 2) if not apart(one, two)] == []
        assert all(around(node, inner) for inner in node.inside)


def test_the_picture_is_as_large_as_what_is_in_it(picture: Diagram) -> None:
    assert all(node.x >= 0 and node.y >= 0 for node in picture.all())
    assert all(node.x + node.width <= picture.width for node in picture.all())
    assert all(node.y + node.height <= picture.height for node in picture.all())


def test_the_main_path_goes_where_the_first_action_of_each_state_leads() -> None:
    machine: Machine = sample()

    path = main_path(machine)

    assert path[0] == "opened"
    assert machine.states[path[-1]].kind == "final"
    assert len(path) == len(set(path))


def test_a_way_not_gone_is_ahead_a_way_gone_is_taken_and_a_return_goes_back() -> None:
    gone = moves_of(["opened", "doing", "checking", "doing", "checking"])

    edges = {(edge.source, edge.target): (edge.way, edge.times) for edge in draw(sample(), {}, gone).edges}

    assert edges["opened", "doing"] == ("taken", 1)
    assert edges["doing", "checking"] == ("taken", 2)
    assert edges["checking", "doing"] == ("back", 1)
    assert edges["checking", "done"] == ("ahead", 0)


def test_regions_left_and_entered_together_are_one_move() -> None:
    states = ["opened", "reviewing.left.asked", "reviewing.right.asked", "reviewing.left.given", "sorting", "doing"]

    assert moves_of(states) == [("opened", "reviewing"), ("reviewing", "sorting"), ("sorting", "doing")]


def test_a_state_tells_how_long_the_case_stayed_in_it() -> None:
    told = Visited(times=2, lasted="3 days", now=True)

    nodes = {node.path: node.visited for node in draw(sample(), {"doing": told}, ()).all()}

    assert nodes["doing"] == told
    assert nodes["checking"] == Visited()
