"""One walk: a row of a spreadsheet becomes a case, is forgotten, pressed, listed, mended, accepted, delisted."""

from __future__ import annotations

from io import BytesIO

import pytest
from openpyxl import Workbook
from playwright.sync_api import Page, expect

from engine.core.administration import DIRECTORY
from engine.core.command import SYSTEM, AnyAct, GrantRole, RecordPowers, RecordUnits, Request
from tests.browser.conftest import Visits
from tests.browser.serving import Served
from tests.browser.walking import act, attach, draw, fill, send, tick_on_site
from tests.definitions import name
from zhiben.cli.audit import verified

ROW = {
    "编号": "TZ-7",
    "发现日期": "2026-02-27",
    "来源渠道": "检查发现",
    "单位名称": "恒安厂",
    "所属乡镇": "一镇",
    "行业领域": "工贸",
    "隐患部位": "二车间",
    "隐患描述": "安全出口锁闭",
    "隐患等级": "重大",
    "判定依据": "重大隐患判定标准第三条",
    "整改期限": "2026-03-31",
    "当前状态": "已上报",
}


def empower(district: Served, person: str, matter: str) -> None:
    """Let a supervisor hold their role as an organ that may act in a matter (权责清单)."""
    top = min(district.made.place.regions, key=len)
    industry = min(district.made.place.industries)
    acts: tuple[AnyAct, ...] = (
        RecordUnits(units=({"id": "B1", "title": "应急管理局", "region": top, "industry": industry},)),
        RecordPowers(powers=({"body": "B1", "matter": matter, "region": top},)),
        GrantRole(person=person, role=name("supervisor"), region=top, body="B1", valid_from="2026-01-02"),
    )
    for n, told in enumerate(acts):
        district.made.door.submit(Request(id=f"empower:{n}", stream=DIRECTORY, act=told, acted_by=SYSTEM, medium="cli"))


def sheet(*rows: dict[str, str]) -> bytes:
    """A ledger of these rows."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(list(rows[0]))
    for row in rows:
        page.append(list(row.values()))
    held = BytesIO()
    book.save(held)
    return held.getvalue()


def people(signed_in: Visits, district: Served, *persons: str) -> list[Page]:
    """Pages of people who sign in now: a session does not outlive weeks of silence."""
    return [signed_in(person, at=district, afresh=True) for person in persons]


def case_in(page: Page) -> str:
    """The id of the case whose page is open."""
    return page.url.split("/cases/")[1].split("?")[0].split("/")[0]


def state_of(district: Served, case: str) -> list[str]:
    """The states of a case."""
    district.made.worker.drain()
    told: list[str] = district.as_("an").get(f"/cases/{case}")["states"]
    return told


def imported(signed_in: Visits, district: Served) -> str:
    """The case that the clerk's spreadsheet became, triaged by the office."""
    page = signed_in("nei", at=district)
    page.goto("/import?kind=ledger")
    book = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    page.locator("#file").set_input_files({"name": "台账.xlsx", "mimeType": book, "buffer": sheet(ROW)})
    page.locator("main form button[type=submit]").click()
    page.locator("form[action$='/begin'] button").click()
    expect(page.locator(".notice.done")).to_be_visible()
    page.goto("/search?q=TZ-7")
    page.locator("main a[href^='/cases/']").first.click()
    return case_in(page)


@pytest.mark.timeout(300)
def test_a_hazard_is_imported_forgotten_pressed_listed_mended_and_delisted(
    signed_in: Visits, own_district: Served
) -> None:
    district = own_district
    hazard = imported(signed_in, district)
    answer = district.as_("an").post(f"/cases/{hazard}/triage", {"start": "now", "reason": "本周起算"})
    assert answer.status_code == 200, answer.text
    sun, gao = people(signed_in, district, "sun", "gao")

    # reviewed with a signature, the principal told; then nobody does anything until the ladder drafts a letter
    act(sun, hazard, "confirm", level="重大", standard="重大隐患判定标准第三条", rectify_by="2026-03-16")
    act(sun, hazard, "tell", files=["file"], note="已当面告知")
    district.wait("2026-03-20 09:00")
    sun, lu, an, gao = people(signed_in, district, "sun", "lu", "an", "gao")
    an.goto("/drafts")
    an.locator("main a.case").first.click()
    an.locator("form[action$='/issue'] button[type=submit]").click()
    expect(an.locator("#flashes")).to_contain_text("号")

    # listed: proposed by one, approved by another, published, served, received
    sun.goto(f"/report/{name('listed_supervision')}/{name('propose')}")
    fill(
        sun, unit="恒安", place="二车间", description="安全出口锁闭", hazards="TZ-7", level="县级", reason="逾期未整改"
    )
    send(sun)
    listing = case_in(sun)
    act(lu, listing, "approve_listing", level="县级", demand="限期拆除锁具", supervise_until="2026-06-30")
    act(an, listing, "announce", files=["file"], published="区政府网站")
    act(an, listing, "serve", files=["file"])
    act(gao, listing, "sign_for")
    district.wait("2026-04-20 09:00")
    sun, lu, an, gao, song = people(signed_in, district, "sun", "lu", "an", "gao", "song")
    act(gao, listing, "tell_progress", progress="锁具已拆，正在更换推杆锁")

    # mended by the firm, accepted by somebody else than who confirmed it: written off; only then the plate comes down
    act(gao, hazard, "apply", files=["photo"], remedies="全部出口改为推杆锁")
    act(song, hazard, "accept", files=["photo"], opinion="现场逐个推开，合格")
    assert state_of(district, hazard) == [name("closed")]
    assert state_of(district, listing) == [name("accepting")]
    act(an, listing, "accept", files=["photo"], opinion="督办事项全部完成")
    act(an, listing, "delist", files=["file"], published="区政府网站")
    lu.goto("/work")
    answered = district.as_("lu").answer(listing, "consent")
    assert answered.status_code == 200, answered.text

    assert state_of(district, listing) == [name("delisted")]
    sun.goto(f"/cases/{hazard}")
    expect(sun.locator("main")).to_contain_text("已销号")
    assert verified(district.made).findings == ()


@pytest.mark.timeout(300)
def test_an_inspection_is_hidden_until_the_door_opens_and_a_refused_signature_starts_the_clock(
    signed_in: Visits, own_district: Served
) -> None:
    district = own_district
    licences = [
        {
            "person": one,
            "kind": "行政执法证",
            "number": f"Z-{one}",
            "valid_from": "2026-01-01",
            "valid_to": "2028-01-01",
        }
        for one in ("song", "jin")
    ]
    recorded = district.as_("ru").post("/directory/certificates", {"certificates": licences})
    assert recorded.status_code == 200, recorded.text
    empower(district, "sun", "行政检查")
    sun, song, gao = people(signed_in, district, "sun", "song", "gao")
    sun.goto(f"/report/{name('inspection')}/{name('assign')}")
    fill(
        sun,
        unit="恒安",
        kind="年度计划",
        body="应急管理局",
        matter="工贸企业安全检查",
        plan_no="3号",
        team=["song", "jin"],
    )
    send(sun)
    case = case_in(sun)

    # D25: before the door opens the firm sees nothing anywhere
    signed_in.allow(404)
    assert gao.goto(f"/cases/{case}").status == 404  # type: ignore[union-attr]
    for path in ("/work", "/inbox", "/search?q=工贸企业安全检查", "/search?q=JC-2026"):
        gao.goto(path)
        assert "工贸企业安全检查" not in gao.locator("main").inner_text().replace("工贸企业安全检查”", "")
        assert gao.locator(f"main a[href*='{case}']").count() == 0

    act(song, case, "arrive", files=["photo"], arrived_at="冲压车间")
    song.goto(f"/cases/{case}?tab=duties")
    shown = song.locator("main").inner_text()
    assert "应当回避的人（gao 某" in shown
    assert "应当回避，但" not in shown
    assert gao.goto(f"/cases/{case}").status == 200  # type: ignore[union-attr]

    # everything is looked at, every answer kept; the firm refuses to sign: a witness, and the paper is left there
    song.goto(f"/cases/{case}")
    song.locator(f"a[href$='/{name('look_over')}']").first.click()
    for item in song.locator("[data-item]").all():
        item.locator(".answers input").first.check(force=True)
    row = song.locator(f"[data-table='{name('findings')}'] [data-row]").first
    row.locator("input[type=text], textarea").nth(0).fill("冲压车间")
    row.locator("textarea").first.fill("配电箱无盖板")
    row.locator("input[type=radio]").first.check()
    tick_on_site(song)
    send(song)
    act(song, case, "explain", explained="逐项说明")
    act(song, case, "instruct", demands="限期整改")
    song.goto(f"/cases/{case}")
    song.locator(f"a[href$='/{name('conclude')}']").first.click()
    officers = song.locator("fieldset.signer")
    for n, person in enumerate(("song", "jin")):
        chosen = officers.nth(n).locator("select")
        if chosen.count():
            chosen.select_option(label=f"{person} 某")
        draw(song, officers.nth(n).locator("[data-pad] canvas").first)
    unit = officers.nth(2)
    unit.locator("details.fold > summary").click()
    unit.locator("textarea").fill("认为不属于问题")
    unit.locator("input[type=text][name$='.witness'], input:not([type])[name$='.witness']").fill("李四")
    draw(song, unit.locator("details [data-pad] canvas"))
    attach(song, ["photo"])
    tick_on_site(song)
    send(song)
    act(song, case, "leave_papers", files=["photo"], left_at="传达室")

    # D26: the clock runs from the day the paper was left; the finding is a hazard of its own
    told = district.as_("an").get(f"/cases/{case}")
    deadline = told["tasks"][0]["deadline"]
    assert told["states"] == [name("awaiting")]
    assert deadline["derivation"]["start"] == "2026-03-02"
    district.made.worker.drain()
    sun.goto(f"/cases/{case}?tab=links")
    expect(sun.locator("main")).to_contain_text("YH-2026")
