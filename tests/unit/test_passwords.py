"""Which passwords may be chosen, under either profile, and that hashes are argon2id."""

from __future__ import annotations

import pytest

from engine.errors import BadInput
from engine.runtime.clock import SystemDice
from engine.runtime.passwords import (
    Argon2,
    PasswordRules,
    check_password,
    common_passwords,
    folded_login,
    random_password,
)

ASVS = PasswordRules(profile="asvs")
GB = PasswordRules(profile="gb")
GOOD = "good"


def verdict(password: str, rules: PasswordRules, login: str = "") -> str:
    try:
        check_password(password, rules, login=login)
    except BadInput as refused:
        return "told" if password and password in str(refused) else refused.code
    return GOOD


@pytest.mark.parametrize(
    ("password", "asvs", "gb"),
    [
        ("Quiet-harbour-77", GOOD, GOOD),
        ("correct horse battery", GOOD, "password_few_kinds"),
        ("correct horse Battery", GOOD, GOOD),
        ("安全生产人人有责从我做起啊", GOOD, "password_few_kinds"),
        ("安全生产人人有责从我做起A1", GOOD, GOOD),
        ("Short-1-pass", GOOD, GOOD),
        ("Short-1-pas", "password_short", "password_short"),
        ("", "password_short", "password_short"),
        ("aB3-" * 32, "password_simple", "password_simple"),
        ("x" * 129, "password_long", "password_long"),
        ("aaaaaaaaaaaaa", "password_simple", "password_simple"),
        ("123456789012", "password_simple", "password_simple"),
        ("987654321098", "password_simple", "password_simple"),
        ("abcdefghijklm", "password_simple", "password_simple"),
        ("1qaz2wsx3edc4rfv", "password_common", "password_common"),
        ("Password-2026", "password_common", "password_common"),
        ("２０２６Ｐａｓｓｗｏｒｄ！", "password_common", "password_common"),
        ("Quiet-har\x00bour-77", "password_control", "password_control"),
    ],
)
def test_a_password_is_judged_by_its_profile(password: str, asvs: str, gb: str) -> None:
    assert (verdict(password, ASVS), verdict(password, GB)) == (asvs, gb)


def test_a_password_of_the_greatest_length_is_taken_whole() -> None:
    longest = "Quiet-harbour-77" * 8

    assert (len(longest), verdict(longest, ASVS), verdict(longest, GB)) == (128, GOOD, GOOD)


def test_a_password_that_is_little_more_than_the_login_is_refused() -> None:
    assert verdict("Zhang.Sanfeng-12", ASVS, login="zhang.sanfeng") == "password_like_login"
    assert verdict("Li-goes-to-the-river", ASVS, login="li") == GOOD


def test_the_three_thousand_most_common_passwords_are_known() -> None:
    found = common_passwords()

    assert len(found) >= 3_000
    assert {"123456", "password", "qwerty", "1q2w3e4r5t6y"} <= found


def test_a_rolled_password_passes_both_profiles_and_never_repeats() -> None:
    rolled = {random_password(SystemDice()) for _ in range(50)}

    assert len(rolled) == 50
    assert {(verdict(one, ASVS), verdict(one, GB), len(one)) for one in rolled} == {(GOOD, GOOD, 23)}


def test_only_the_profile_of_the_national_standard_lets_passwords_expire() -> None:
    assert (ASVS.expire_days, GB.expire_days) == (0, 90)


@pytest.mark.parametrize(("typed", "compared"), [(" Li.Ming ", "li.ming"), ("ＬＩ", "li"), ("李明", "李明")])
def test_a_login_is_compared_in_one_width_and_one_case(typed: str, compared: str) -> None:
    assert folded_login(typed) == compared


def test_a_hash_is_argon2id_salted_and_fits_its_password_alone() -> None:
    cheap = Argon2(memory_kib=16, passes=1, lanes=1)
    kept = cheap.hash("Quiet-harbour-77")

    assert kept.startswith("$argon2id$v=19$m=16,t=1,p=1$")
    assert kept != cheap.hash("Quiet-harbour-77")
    assert (cheap.verify(kept, "Quiet-harbour-77"), cheap.verify(kept, "Quiet-harbour-78")) == (True, False)
    assert not cheap.verify("no hash at all", "Quiet-harbour-77")


def test_a_hash_of_other_parameters_is_outdated() -> None:
    kept = Argon2(memory_kib=16, passes=1, lanes=1).hash("Quiet-harbour-77")

    assert Argon2(memory_kib=32, passes=1, lanes=1).outdated(kept)
    assert not Argon2(memory_kib=16, passes=1, lanes=1).outdated(kept)
