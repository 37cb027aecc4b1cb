# ruff: noqa: F811 - fixtures are imported
"""A person's own PIN, on their account's page."""

from __future__ import annotations

import pytest

from tests.accounts import PASSWORD
from tests.contract.api_fixtures import api  # noqa: F401 - fixture
from tests.contract.door_fixtures import Door, door  # noqa: F401 - fixture


def test_a_pin_is_set_changed_and_removed_on_ones_account(door: Door) -> None:
    browser = door.browser("lin")
    assert "没有设" in browser.get("/account").text
    data = {"password": PASSWORD, "pin": "733915", "again": "733915"}
    answer = browser.send("/account/pin", data)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert "PIN码已设好" in browser.get("/account").text
    assert browser.send("/account/pin", {**data, "pin": "48213907", "again": "48213907"}).status_code == 303
    removed = browser.send("/account/pin/remove", {"password": PASSWORD}, form_on="/account/pin")

    assert (removed.status_code, door.devices.pin_since("lin")) == (303, None)
    assert "PIN码已取消" in browser.get("/account").text


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"pin": "123456", "again": "123456"}, "这个PIN码太简单"),
        ({"pin": "4803", "again": "4803"}, "PIN码应是6到8位数字"),
        ({"pin": "48o317", "again": "48o317"}, "PIN码只能用数字"),
        ({"again": "480318"}, "两次输入的PIN码不一样"),
        ({"password": "not it"}, "登录密码不对"),
    ],
)
def test_a_pin_that_may_not_be_is_told_beside_its_field_and_not_given_back(
    door: Door, change: dict[str, str], told: str
) -> None:
    data = {"password": PASSWORD, "pin": "733915", "again": "733915", **change}
    answer = door.browser("lin").send("/account/pin", data)

    assert (answer.status_code, told in answer.text) == (422, True)
    assert not any(f'value="{value}"' in answer.text for value in data.values())
    assert door.devices.pin_since("lin") is None
