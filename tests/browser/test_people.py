"""The people of a task in a real browser: passed on, given back, handed over, refused, designated, asked together."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.accounts import PASSWORD
from tests.browser.conftest import Visits
from tests.browser.looking import axe, shot, too_small, too_wide
from tests.browser.serving import Served
from tests.browser.widths import DESKTOP, PHONE
from tests.contract.hazard_api import REGISTRAR, SINCE, UNIT
from tests.definitions import name, named

#: Departments that work on one case together, each a unit with somebody in it.
DEPARTMENTS = {"D1": "ding", "D2": "erl", "D3": "san"}


def add_person(district: Served, person: str, role: str, **where: str) -> None:
    """Somebody more in the directory, with an account."""
    registrar = district.as_(REGISTRAR)
    body = {"person": person, "role": name(role), "valid_from": SINCE, **where}
    answers = [
        registrar.post("/directory/persons", {"persons": [{"id": person, "name": f"{person} 某"}]}),
        registrar.post("/directory/holdings", body),
    ]
    assert [answer.text for answer in answers if answer.status_code != 200] == []
    district.made.account_keeping.open_many({person: person}, PASSWORD)


def other_office(district: Served) -> None:
    """A supervisor of another industry."""
    industries = sorted(district.made.place.industries)
    top = min(district.made.place.regions, key=len)
    add_person(district, "tan", "supervisor", region=top, industry=industries[1])


def menu(page: Page, title: str) -> None:
    """Choose from the menu of the first task that has one."""
    page.locator(".now-acts .more-menu > summary").first.click()
    page.locator(".now-acts .more-menu").first.get_by_text(title, exact=True).click()


def send_form(page: Page) -> None:
    """Send the form beneath a task."""
    page.locator("form#form button[type=submit]").click()


def look(page: Page, picture: str) -> None:
    """The page is accessible, fits, and is photographed."""
    width = page.viewport_size["width"] if page.viewport_size else 0
    shot(page, f"people-{picture}-{width}")
    assert axe(page) == []
    assert too_wide(page) == 0
    if width == PHONE:
        assert too_small(page) == []


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_a_task_is_transferred_beneath_itself_and_the_page_says_to_whom(
    signed_in: Visits, district: Served, width: int
) -> None:
    case = district.as_("jin").report()
    page = signed_in("sun", width=width)
    page.goto(f"/cases/{case}")
    look(page, "case")

    page.locator(".now-acts .more-menu > summary").click()
    look(page, "menu")
    page.locator(".now-acts .more-menu").get_by_text("转办", exact=True).click()
    expect(page.locator("#form .lead")).to_contain_text("您不再承办")
    page.locator("#form").get_by_text("song 某").click()
    look(page, "transfer")
    page.locator("#field-reason").fill("到外地培训")
    send_form(page)

    expect(page.locator("#flashes")).to_contain_text("已转办")
    expect(page.locator(".now-who").first).to_contain_text("song 某")
    look(page, "transferred")
    page.goto(f"/cases/{case}?tab=duties")
    expect(page.locator(".chain-table")).to_contain_text("由sun 某转办，理由：到外地培训")
    look(page, "duties")


def test_what_a_form_lacks_is_said_beneath_the_task_and_nothing_typed_is_lost(
    signed_in: Visits, district: Served
) -> None:
    case = district.as_("jin").report()
    page = signed_in("sun")
    signed_in.allow(422)
    page.goto(f"/cases/{case}")
    menu(page, "转办")
    page.locator("#form").get_by_text("song 某").click()

    send_form(page)

    expect(page.locator("#field-reason-wrong")).to_be_visible()
    expect(page.locator("#form input[type=radio]:checked")).to_have_count(1)
    look(page, "wrong")


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_a_task_is_delegated_worked_on_and_given_back(signed_in: Visits, district: Served, width: int) -> None:
    case = district.as_("jin").report()
    page = signed_in("sun", width=width)
    page.goto(f"/cases/{case}")
    menu(page, "委派")
    page.locator("#form").get_by_text("jin 某").click()
    page.locator("#field-reason").fill("请到现场看一看")
    send_form(page)
    expect(page.locator(".now-note").first).to_contain_text("正由 jin 某 办理")
    look(page, "delegated")

    other = signed_in("jin", width=width)
    other.goto("/work")
    look(other, "delegate-work")
    other.goto(f"/cases/{case}")
    other.get_by_role("link", name="交回").click()
    other.locator("#field-opinion").fill("现场核实，防护罩确实缺失")
    look(other, "give-back")
    send_form(other)

    expect(other.locator("#flashes")).to_contain_text("已交回")
    page.goto(f"/cases/{case}")
    expect(page.locator(".story")).to_contain_text("意见：现场核实，防护罩确实缺失")
    expect(page.locator(".now-acts .button.primary")).to_be_visible()


def test_what_was_claimed_is_put_back_from_the_notice(signed_in: Visits, district: Served) -> None:
    case = district.as_("jin").report()
    page = signed_in("sun")
    page.goto(f"/cases/{case}")
    menu(page, "签收")
    expect(page.locator(".now-task").first).to_contain_text("自行签收")
    look(page, "claimed")

    page.locator("#flashes form button[type=submit]").click()

    expect(page.locator("#flashes")).to_contain_text("已退签")
    expect(page.locator(".now-who").first).to_contain_text("song 某")


def test_a_matter_is_handed_over_refused_designated_and_held_all_the_while(
    signed_in: Visits, own_district: Served
) -> None:
    """D19."""
    other_office(own_district)
    case = own_district.as_("jin").report()
    sender = signed_in("sun", at=own_district)
    sender.goto(f"/cases/{case}")
    menu(sender, "移交")
    sender.locator("#form").get_by_text("tan 某").click()
    sender.locator("#field-reason").fill("责任单位属于其他行业")
    look(sender, "hand-over")
    send_form(sender)
    expect(sender.locator(".now-note").first).to_contain_text("签收以前仍由原承办人承办")
    look(sender, "handed-over")

    receiver = signed_in("tan", at=own_district, width=PHONE)
    receiver.goto("/work")
    look(receiver, "receipt-work")
    receiver.goto(f"/cases/{case}")
    receiver.get_by_role("link", name="拒收移交").click()
    receiver.locator("#form input[type=radio]").first.check()
    receiver.locator("#field-reason").fill("登记行业不属本科室")
    look(receiver, "refuse")
    send_form(receiver)

    office = signed_in("an", at=own_district)
    office.goto(f"/cases/{case}")
    expect(office.locator(".case-top")).to_contain_text("移交已被拒收")
    look(office, "to-designate")
    office.get_by_role("link", name="指定管辖").click()
    office.locator("#form").get_by_text("tan 某").click()
    office.locator("#field-reason").fill("按职责分工")
    look(office, "designate")
    send_form(office)

    expect(office.locator(".now-who").first).to_contain_text("tan 某")
    expect(office.locator(".now-task").first).to_contain_text("由 an 某 指定（按职责分工）")
    look(office, "designated")
    receiver.goto(f"/cases/{case}")
    expect(receiver.locator(".now-acts .button.primary")).to_be_visible()
    assert receiver.get_by_role("link", name="拒收移交").count() == 0


def convened(district: Served) -> str:
    """A case on which three departments work: the first leads."""
    registrar = district.as_(REGISTRAR)
    town = sorted(district.made.place.regions, key=lambda path: (len(path), path))[1]
    units = [{"id": one, "title": f"{one} 局", "region": town} for one in DEPARTMENTS]
    assert registrar.post("/directory/units", {"units": units}).status_code == 200
    for unit, person in DEPARTMENTS.items():
        add_person(district, person, "principal", unit=unit)
    data = {"unit": UNIT, "topic": "群租厂房", "background": "多家混租", "lead": "D1", "second": "D2", "third": "D3"}
    body = {"procedure": name("joint_case"), "action": name("convene"), "data": named(**data)}
    answer = district.as_("an").post("/cases", body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["stream"].removeprefix("case/"))


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_of_three_departments_one_is_late_by_name_and_the_lead_concludes(
    signed_in: Visits, own_district: Served, width: int
) -> None:
    """D22."""
    case = convened(own_district)
    second = signed_in("erl", at=own_district, width=width)
    second.goto(f"/cases/{case}")
    second.get_by_role("link", name="提协办意见").click()
    second.locator("#field-opinion").fill("消防通道被占用，建议先停用二层")
    look(second, "opinion")
    send_form(second)
    own_district.wait("2026-03-20 09:00")

    lead = signed_in("ding", at=own_district, width=width)
    lead.goto(f"/cases/{case}")

    late = lead.locator(".voice", has_text="san 某")
    expect(late).to_contain_text("逾期未提出")
    expect(lead.locator(".voice", has_text="erl 某")).to_contain_text("消防通道被占用")
    look(lead, "opinions")
    lead.locator(".now-acts .button.primary").click()
    expect(lead.locator("form#form")).to_be_visible()


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_voices_are_listed_while_they_are_asked(signed_in: Visits, own_district: Served, width: int) -> None:
    case = convened(own_district)
    for person in ("erl", "san"):
        found = own_district.as_(person).offer(case, "", "opinion")
        assert own_district.as_(person).post(found["post"], {"opinion": "同意"}).status_code == 200
    own_district.as_("ding").done(
        case, "conclude", conclusion="混租属实", measures="清退并加装分隔", dispose_by="2026-04-10"
    )
    own_district.as_("ding").done(case, "countersign")
    voter = signed_in("erl", at=own_district, width=width)
    voter.goto(f"/cases/{case}")
    look(voter, "asked")
    voter.get_by_role("link", name="不同意").click()
    expect(voter.locator("#field-reason")).to_be_visible()
    voter.go_back()

    voter.locator(".now-acts .button.primary").click()
    look(voter, "vote")
    send_form(voter)

    expect(voter.locator("#flashes")).to_contain_text("已表决")
    asker = signed_in("ding", at=own_district, width=width)
    asker.goto(f"/cases/{case}")
    expect(asker.locator(".voice.at-consent")).to_contain_text("erl 某")
    expect(asker.locator(".voice.at-waiting")).to_have_count(2)
    look(asker, "voices")


def test_forms_work_without_script(signed_in: Visits, district: Served) -> None:
    case = district.as_("jin").report()
    page = signed_in("sun", java_script_enabled=False)
    page.goto(f"/cases/{case}")

    page.locator(".now-acts .more-menu > summary").click()
    page.locator(".now-acts .more-menu").get_by_text("抄送", exact=True).click()
    page.locator("#form").get_by_text("an 某").click()
    send_form(page)

    expect(page.locator("#flashes")).to_contain_text("已抄送")


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_a_copy_waits_at_the_inbox_until_it_is_read(signed_in: Visits, district: Served, width: int) -> None:
    case = district.as_("jin").report()
    sun = district.as_("sun")
    answer = sun.post(sun.offer(case, "", "copy")["post"], {"to": ["an"], "note": "请知悉"})
    assert answer.status_code == 200, answer.text
    number = sun.get(f"/cases/{case}")["number"]
    page = signed_in("an", width=width)
    page.goto("/inbox")
    copy = page.locator(".slip.copy", has_text=number)
    expect(copy).to_contain_text("sun 某 抄送")
    look(page, "copies")

    copy.get_by_role("button").click()

    expect(page.locator("#flashes")).to_contain_text("已阅")
    expect(page.locator(".slip.copy", has_text=number)).to_have_count(0)


def test_the_dark_theme_is_accessible_too(signed_in: Visits, district: Served) -> None:
    case = district.as_("jin").report()
    page = signed_in("sun", color_scheme="dark")
    page.goto(f"/cases/{case}")
    menu(page, "委派")
    expect(page.locator("#form")).to_be_visible()

    look(page, "dark")
