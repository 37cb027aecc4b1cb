"""The machine's own work gets out of the way of people, and goes fast when there are none."""

from __future__ import annotations

from engine.runtime.pace import AFTER_A_CLICK, PRESSED, Pace

MOST = 200


def jobs(pace: Pace, *, each: float, count: int, at: float = 0.0) -> list[int]:
    """How many each of so many jobs takes, every one of them costing so many seconds."""
    found = []
    for _ in range(count):
        pace.begin(at)
        found.append(taken := pace.of("timers", MOST))
        pace.took(taken * each)
    return found


def test_where_nobody_clicks_a_job_takes_all_it_may():
    assert jobs(Pace(), each=1.0, count=3) == [MOST, MOST, MOST]


def test_after_a_click_jobs_soon_take_as_long_as_they_should():
    pace = Pace()
    pace.clicked(0.0, 0.0)

    quick, slow = jobs(pace, each=PRESSED / 50, count=20), jobs(pace, each=PRESSED / 4, count=20)

    assert quick[0] == 8
    assert 45 <= quick[-1] <= 50
    assert 3 <= slow[-1] <= 4


def test_a_job_that_is_slow_however_little_it_takes_still_takes_one():
    pace = Pace()
    pace.clicked(0.0, 0.0)

    assert jobs(pace, each=5.0, count=20)[-1] == 1


def test_when_people_have_stopped_clicking_jobs_are_whole_again():
    pace = Pace()
    pace.clicked(0.0, 0.0)
    jobs(pace, each=PRESSED, count=5)

    assert jobs(pace, each=PRESSED, count=1, at=AFTER_A_CLICK) == [MOST]


def test_each_kind_of_job_has_a_pace_of_its_own():
    pace = Pace()
    pace.clicked(0.0, 0.0)
    jobs(pace, each=PRESSED, count=9)

    pace.begin(0.0)

    assert (pace.of("timers", MOST), pace.of("rows", 2_000)) == (1, 80)


def test_where_clicks_themselves_take_long_jobs_may_take_longer():
    pace = Pace()
    for _ in range(100):
        pace.clicked(0.0, 0.1)

    assert jobs(pace, each=0.001, count=20)[-1] in range(36, 41)
