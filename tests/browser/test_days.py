"""Days of people in a browser: a paper of Friday, a station of two, a business nobody claims, a mere visit."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Visits
from tests.browser.looking import axe, shot, too_wide
from tests.browser.serving import Served
from tests.browser.test_people import add_person, other_office, send_form
from tests.browser.walking import CHOSEN, act, fill
from tests.contract.hazard_api import REGISTRAR
from tests.definitions import name


def leaves(district: Served, *persons: str) -> None:
    """Nobody of these holds the role any more from today on; the engine looks up who holds their tasks."""
    registrar = district.as_(REGISTRAR)
    for person in persons:
        for row in registrar.get("/directory/holdings", person=person)["items"]:
            answer = registrar.post(
                f"/directory/holdings/{row['id']}/end", {"valid_to": "2026-03-02", "reason": "调离"}
            )
            assert answer.status_code == 200, answer.text
    district.made.worker.drain()


def test_what_was_signed_on_friday_is_entered_on_monday_and_the_overdue_stays(
    signed_in: Visits, own_district: Served
) -> None:
    """D01."""
    own_district.wait("2026-03-04 09:00")
    case = own_district.as_("jin").report()
    own_district.wait("2026-03-09 09:00")
    page = signed_in("nei", at=own_district)
    page.goto(f"/cases/{case}/actions/1/{name('confirm')}?for=sun")
    fill(page, level="一般", standard="检查标准第3条", rectify_by="2026-03-31")
    page.locator("#field-late").evaluate("one => (one.open = true)")
    page.locator("#late-at").fill("2026-03-06T16:00")
    page.locator("[name='_paper']").check()
    scan = page.locator("#field-late [data-files][data-kind='scan']")
    scan.locator("input[type=file]").set_input_files(CHOSEN["scan"])
    expect(scan.locator("[data-kept]")).to_have_count(1)
    shot(page, "day-paper")
    page.locator("form[data-form] .form-acts button[type=submit]").click()
    expect(page.locator(".notice.done").first).to_be_visible()

    page.goto(f"/cases/{case}?tab=story")
    story = page.locator(".story").first
    expect(story).to_contain_text("补录")
    expect(story).to_contain_text("sun 某")
    expect(story).to_contain_text("nei 某")
    expect(story).to_contain_text("到期（3月6日 周五 24:00）未办结")
    assert axe(page) == []
    told = own_district.as_("sun").get(f"/cases/{case}/entries")["items"]
    signed = next(one for one in told if one["late_entry"])
    assert (signed["acted_by"]["id"], signed["entered_by"]["id"]) == ("sun", "nei")


def test_in_a_station_of_two_the_neighbour_accepts_what_one_found(signed_in: Visits, own_district: Served) -> None:
    """D06."""
    top = min(own_district.made.place.regions, key=len)
    town, other = sorted(path for path in own_district.made.place.regions if path != top)[:2]
    leaves(own_district, "song", "sun")
    for person, region in (("jia", town), ("yi", town), ("lin", other)):
        add_person(own_district, person, "supervisor", region=region)
    registrar = own_district.as_(REGISTRAR)
    regions = own_district.made.place.regions
    neighbours = registrar.post("/directory/regions", {"regions": {town: regions[town]}, "neighbours": {town: [other]}})
    related = registrar.post("/directory/recusals", {"recusals": [{"person": "yi", "kind": "kin", "unit": "F1"}]})
    assert [one.text for one in (neighbours, related) if one.status_code != 200] == []
    case = own_district.as_("jia").report()
    own_district.as_("yi").done(case, "confirm", level="一般", standard="检查标准第3条", rectify_by="2026-03-31")
    own_district.as_("qin").done(case, "apply", remedies="已装防护罩")

    found = {}
    for person in ("jia", "yi"):
        page = signed_in(person, at=own_district)
        page.goto(f"/cases/{case}")
        found[person] = page.locator(f"a[href$='/{name('accept')}']").count()
    page = signed_in("lin", at=own_district)
    page.goto("/work")
    expect(page.locator("table.work")).to_contain_text("防护罩缺失")
    shot(page, "day-neighbour-work")
    act(page, case, "accept", files=("photo",), opinion="经现场核对，防护罩已装好")

    assert found == {"jia": 0, "yi": 0}
    office = signed_in("an", at=own_district)
    office.goto(f"/cases/{case}")
    expect(office.locator(".case-head")).to_contain_text("整改")
    assert too_wide(office) == 0


def test_what_nobody_claims_waits_in_a_queue_and_is_designated(signed_in: Visits, own_district: Served) -> None:
    """D20."""
    leaves(own_district, "sun", "song")
    other_office(own_district)
    case = own_district.as_("jin").report()
    page = signed_in("an", at=own_district)
    page.goto("/work")
    expect(page.locator("table.work")).to_contain_text("防护罩缺失")
    page.goto(f"/cases/{case}")
    shot(page, "day-queue")
    assert axe(page) == []

    page.get_by_role("link", name="指定管辖").click()
    page.locator("#form").get_by_text("tan 某").click()
    page.locator("#field-reason").fill("新业态，比照同类行业")
    send_form(page)

    expect(page.locator(".now-who").first).to_contain_text("tan 某")
    taken = signed_in("tan", at=own_district)
    taken.goto(f"/cases/{case}")
    expect(taken.locator(".now-acts .button.primary")).to_be_visible()


def test_an_office_may_visit_record_and_pass_on_but_order_and_inspect_nothing(
    signed_in: Visits, own_district: Served
) -> None:
    """D21."""
    page = signed_in("an", at=own_district)
    page.goto("/report")
    starts = [link.get_attribute("href") or "" for link in page.locator("main a[href^='/report/']").all()]
    shot(page, "day-visit-starts")
    page.goto(f"/report/{name('visit')}/{name('record')}")
    fill(page, unit="恒安", visited_on="2026-03-02", seen="车间通道堆放纸箱", kind="走访")
    page.locator("form[data-form] .form-acts button[type=submit]").click()
    expect(page.locator(".notice.done").first).to_be_visible()

    assert any(one.startswith(f"/report/{name('visit')}/") for one in starts)
    assert not any(one.startswith(f"/report/{name('inspection')}/") for one in starts)
    assert page.locator(".now-acts a").count() == 0
    expect(page.locator(".case-head")).to_contain_text("已记录")
