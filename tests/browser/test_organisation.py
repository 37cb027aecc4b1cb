"""The organisation in a real browser: somebody stands in by dates, departments are merged, any past day is shown."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.accounts import PASSWORD
from tests.browser.conftest import Visits
from tests.browser.looking import axe, shot, too_small, too_wide
from tests.browser.serving import Served
from tests.browser.widths import DESKTOP, PHONE
from tests.contract.hazard_api import REGISTRAR, SINCE
from tests.definitions import name

FIRST, LAST = "2026-03-09", "2026-03-13"
MERGED = "2026-03-05"
#: departments with who works as them
OFFICES = {"B1": ("住房城乡建设局", "zhu"), "B2": ("城市管理局", "cheng")}


def look(page: Page, picture: str) -> None:
    """The page is accessible, fits, and is photographed."""
    width = page.viewport_size["width"] if page.viewport_size else 0
    shot(page, f"organisation-{picture}-{width}")
    assert axe(page) == []
    assert too_wide(page) == 0
    if width == PHONE:
        assert too_small(page) == []


@pytest.fixture
def staffed(own_district: Served) -> Served:
    """A district with two departments, and a colleague of sun's with no tasks of their own."""
    registrar = own_district.as_(REGISTRAR)
    top = min(own_district.made.place.regions, key=len)
    people = {person: title for title, person in OFFICES.values()}
    units = [{"id": body, "title": title, "region": top} for body, (title, _) in OFFICES.items()]
    persons = [{"id": one, "name": f"{one} 某"} for one in (*people, "dai")]
    holdings = [{"person": who, "role": name("supervisor"), "body": body} for body, (_, who) in OFFICES.items()]
    industry = max(own_district.made.place.industries)
    told = [{**one, "industry": industry} for one in holdings] + [{"person": "dai", "role": name("inspector")}]
    answers = [
        registrar.post("/directory/units", {"units": units}),
        registrar.post("/directory/persons", {"persons": persons}),
    ]
    answers += [registrar.post("/directory/holdings", {"region": top, "valid_from": SINCE, **one}) for one in told]
    assert [answer.text for answer in answers if answer.status_code != 200] == []
    own_district.made.account_keeping.open_many({one: one for one in (*people, "dai")}, PASSWORD)
    return own_district


def opened(page: Page, what: str) -> None:
    """Open the form of a page that is folded away."""
    page.locator(f"#{what} > summary").click()
    expect(page.locator(f"#{what} form")).to_be_visible()


def picked(page: Page, what: str, field: str, words: str) -> None:
    """Type into a box that finds, and take the first thing found."""
    page.locator(f"#{what}-{field}").press_sequentially(words)
    page.locator(".found-one:visible").first.click()


@pytest.mark.timeout(120)
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_a_stand_in_set_by_oneself_begins_on_its_day(signed_in: Visits, staffed: Served, width: int) -> None:
    case = staffed.as_("jin").report()
    officer = signed_in("sun", at=staffed, width=width)
    officer.goto("/organisation/people/sun")
    look(officer, "own")

    opened(officer, "stand_in")
    picked(officer, "stand_in", "substitute", "dai")
    officer.locator("#stand_in-valid_from").fill(FIRST)
    officer.locator("#stand_in-last").fill(LAST)
    officer.locator("#stand_in-reason").fill("外出学习")
    look(officer, "stand-in-form")
    officer.locator("#stand_in form button[type=submit]").click()
    expect(officer.locator("#flashes")).to_contain_text("代理已设好")
    officer.goto(f"/organisation/people/sun?on={FIRST}")
    expect(officer.locator("main")).to_contain_text("dai 某代sun 某")
    look(officer, "stand-in-then")

    # the days before, nothing
    substitute = signed_in("dai", at=staffed, width=width)
    signed_in.allow(404)
    substitute.goto("/work")
    expect(substitute.locator(f"main a[href^='/cases/{case}']")).to_have_count(0)
    substitute.goto(f"/cases/{case}")
    expect(substitute.locator("main")).not_to_contain_text("防护罩缺失")

    staffed.wait(f"{FIRST} 09:00")
    substitute = signed_in("dai", at=staffed, width=width, afresh=True)
    substitute.goto("/work")
    expect(substitute.locator(f"main a[href^='/cases/{case}']").first).to_be_visible()
    expect(substitute.locator("main")).to_contain_text("sun 某")
    look(substitute, "stand-in-work")

    staffed.wait("2026-03-14 09:00")
    substitute = signed_in("dai", at=staffed, width=width, afresh=True)
    substitute.goto("/work")
    expect(substitute.locator(f"main a[href^='/cases/{case}']")).to_have_count(0)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_departments_are_merged_and_the_tree_of_last_month_shows_both(
    signed_in: Visits, staffed: Served, width: int
) -> None:
    page = signed_in(REGISTRAR, at=staffed, width=width)
    page.goto("/organisation/successions")
    look(page, "successions-none")

    opened(page, "succession")
    picked(page, "succession", "former", "城市管理局")
    page.locator("#succession-how").select_option("merged")
    picked(page, "succession", "successor", "住房城乡建设局")
    page.locator("#succession-valid_from").fill(MERGED)
    look(page, "succession-form")
    page.locator("#succession form button[type=submit]").click()
    expect(page.locator("#flashes")).to_contain_text("机构变动已登记")

    staffed.wait(f"{MERGED} 09:00")
    page = signed_in(REGISTRAR, at=staffed, width=width, afresh=True)
    page.goto("/organisation/successions")
    expect(page.locator("main table")).to_contain_text("城市管理局")
    expect(page.locator("main table")).to_contain_text("并入")
    look(page, "successions")
    page.goto("/organisation")
    expect(page.locator(".org-office-name").filter(has_text="城市管理局")).to_contain_text("已并入住房城乡建设局")
    look(page, "tree")

    page.locator("#on").fill("2026-02-15")
    page.locator(".day-bar button[type=submit]").click()
    expect(page.locator(".org-office-name")).to_have_text(["住房城乡建设局", "城市管理局"])
    expect(page.locator("main")).to_contain_text("这是2026年2月15日的情况")
    look(page, "tree-last-month")


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_powers_and_shifts_are_recorded_on_their_pages(signed_in: Visits, staffed: Served, width: int) -> None:
    page = signed_in(REGISTRAR, at=staffed, width=width)
    page.goto("/organisation/powers")
    look(page, "powers-none")
    opened(page, "power")
    picked(page, "power", "body", "城市管理局")
    page.locator("#power-matter").fill("行政检查")
    page.locator("#power-documents").fill("检查记录、整改通知书")
    page.locator("#power-basis").fill("条例第3条")
    look(page, "power-form")
    page.locator("#power form button[type=submit]").click()
    expect(page.locator("main table")).to_contain_text("整改通知书")
    look(page, "powers")

    page.goto("/organisation/rosters")
    look(page, "rosters-none")
    opened(page, "shift")
    page.locator("#shift-roster").fill("值班")
    picked(page, "shift", "person", "sun")
    page.locator("#shift-region").select_option(index=1)
    page.locator("#shift-begins").fill("2026-03-02T08:00")
    page.locator("#shift-ends").fill("2026-03-02T20:00")
    look(page, "shift-form")
    page.locator("#shift form button[type=submit]").click()
    expect(page.locator(".org-week")).to_contain_text("正在值班")
    look(page, "rosters")


def test_a_wrong_form_keeps_what_was_typed_and_says_what_is_wrong(signed_in: Visits, staffed: Served) -> None:
    page = signed_in(REGISTRAR, at=staffed)
    signed_in.allow(422)
    page.goto("/organisation/powers")
    opened(page, "power")
    picked(page, "power", "body", "城市管理局")
    page.locator("#power-matter").fill("行政检查")
    page.locator("#power-valid_from").fill("2026-05-02")
    page.locator("#power-last").fill("2026-05-01")

    page.locator("#power form button[type=submit]").click()

    expect(page.locator("#power-matter")).to_have_value("行政检查")
    expect(page.locator("#power .error, #power [id$=-wrong]").first).to_be_visible()
    look(page, "wrong")
