"""The vault: values are read only with their subject's key, and what was erased stays erased while proofs hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.audit.commitment import verify_commitment
from engine.errors import Broken
from engine.runtime.clock import SystemDice
from engine.runtime.vault import Erased, Opening, Vault, read_master_key
from tests.fakes import SeededDice, VaultInMemory

MASTER = bytes(range(32))
NOW = 1_790_000_000_000_000
ZHANG = {"name": "张三", "telephone": "13900000000"}


def kept(rows: VaultInMemory, subject: str, value: Any, dice: SeededDice, master: bytes = MASTER) -> Any:
    row, reference = Vault(rows, master).seal(subject, value, dice, NOW)
    rows.put([row])
    return reference


def test_a_sealed_value_is_opened_by_its_reference() -> None:
    rows = VaultInMemory()

    reference = kept(rows, "p-1", ZHANG, SeededDice())

    assert Vault(rows, MASTER).open(reference["vault"], reference["commitment"]) == ZHANG


def test_nothing_that_is_kept_shows_the_value() -> None:
    rows = VaultInMemory()

    reference = kept(rows, "p-1", "13900000000", SeededDice())

    everything = msgspec.json.encode([reference, rows.rows, rows.wrapped]) + rows.rows[reference["vault"]].sealed
    assert b"1390000" not in everything


def test_an_erased_subject_leaves_a_marker_in_place_of_all_its_values() -> None:
    rows, dice = VaultInMemory(), SeededDice()
    first, second = kept(rows, "p-1", "张三", dice), kept(rows, "p-1", "13900000000", dice)
    other = kept(rows, "p-2", "李四", dice)
    vault = Vault(rows, MASTER)

    assert vault.erase_subject("p-1") == 2

    assert [vault.open(one["vault"], one["commitment"]) for one in (first, second, other)] == [
        Erased(ref=first["vault"]),
        Erased(ref=second["vault"]),
        "李四",
    ]


def test_an_erased_value_leaves_the_others_of_its_subject() -> None:
    rows, dice = VaultInMemory(), SeededDice()
    first, second = kept(rows, "p-1", "张三", dice), kept(rows, "p-1", "13900000000", dice)
    vault = Vault(rows, MASTER)

    assert vault.erase([first["vault"]]) == 1

    assert (vault.open(first["vault"]), vault.open(second["vault"])) == (Erased(ref=first["vault"]), "13900000000")


def test_a_subject_that_comes_back_after_its_erasure_does_not_bring_back_the_old_values() -> None:
    rows, dice = VaultInMemory(), SeededDice()
    old = kept(rows, "p-1", "张三", dice)
    vault = Vault(rows, MASTER)
    del rows.wrapped["p-1"]

    new = kept(rows, "p-1", "张三丰", dice)

    assert (vault.open(old["vault"]), vault.open(new["vault"])) == (Erased(ref=old["vault"]), "张三丰")


def test_what_remains_after_an_erasure_does_not_help_to_guess_the_value() -> None:
    rows, dice = VaultInMemory(), SeededDice()
    reference = kept(rows, "p-1", "13900000000", dice)
    row = rows.rows[reference["vault"]]

    del rows.wrapped["p-1"]

    assert not verify_commitment(reference["commitment"], row.salt, "13900000000")


def test_a_disclosed_value_can_be_checked_against_its_commitment_without_the_vault() -> None:
    rows = VaultInMemory()
    reference = kept(rows, "p-1", ZHANG, SeededDice())

    opening = Vault(rows, MASTER).openings([reference["vault"]])[reference["vault"]]

    assert isinstance(opening, Opening)
    assert (opening.subject, opening.value) == ("p-1", ZHANG)
    assert verify_commitment(reference["commitment"], opening.salt, opening.value)


def test_the_same_value_twice_looks_like_two_different_ones() -> None:
    rows, dice = VaultInMemory(), SeededDice()

    first, second = kept(rows, "p-1", "张三", dice), kept(rows, "p-1", "张三", dice)

    assert first["commitment"] != second["commitment"]
    assert rows.rows[first["vault"]].sealed != rows.rows[second["vault"]].sealed


def test_a_value_put_under_another_reference_or_changed_is_an_incident() -> None:
    rows, dice = VaultInMemory(), SeededDice()
    first, second = kept(rows, "p-1", "张三", dice), kept(rows, "p-1", "李四", dice)
    vault = Vault(rows, MASTER)

    rows.put([msgspec.structs.replace(rows.rows[second["vault"]], ref=first["vault"])])

    with pytest.raises(Broken, match="vault_row"):
        vault.open(first["vault"])
    with pytest.raises(Broken, match="vault_commitment"):
        vault.open(second["vault"], first["commitment"])


def test_a_key_given_to_another_subject_is_an_incident() -> None:
    rows, dice = VaultInMemory(), SeededDice()
    kept(rows, "p-1", "张三", dice)
    other = kept(rows, "p-2", "李四", dice)

    rows.wrapped["p-2"] = rows.wrapped["p-1"]

    with pytest.raises(Broken, match="vault_key"):
        Vault(rows, MASTER).open(other["vault"])


def test_a_former_master_key_still_opens() -> None:
    rows, dice, new = VaultInMemory(), SeededDice(), bytes(32)
    reference = kept(rows, "p-1", "张三", dice)

    assert Vault(rows, new, former=[MASTER]).open(reference["vault"]) == "张三"
    with pytest.raises(Broken, match="vault_master_key"):
        Vault(rows, new).open(reference["vault"])


def test_two_that_give_a_subject_its_first_key_at_once_use_the_same() -> None:
    class Overtaken(VaultInMemory):
        """Somebody else's key is kept between the look and the write."""

        def put_key(self, subject: str, sealed: bytes, at: int) -> bytes:
            self.wrapped |= others.wrapped
            return super().put_key(subject, sealed, at)

    others, rows = VaultInMemory(), Overtaken()
    kept(others, "p-1", "first", SeededDice(2))

    reference = kept(rows, "p-1", "张三", SeededDice(1))

    assert (rows.wrapped, Vault(rows, MASTER).open(reference["vault"])) == (others.wrapped, "张三")


@pytest.mark.parametrize("master", [b"", bytes(16), bytes(33)])
def test_a_master_key_of_another_length_is_refused(master: bytes) -> None:
    with pytest.raises(Broken, match="vault_master_key"):
        Vault(VaultInMemory(), master)


def test_the_master_key_is_read_from_a_file_of_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "master"
    file.write_text(MASTER.hex() + "\n", encoding="ascii")
    file.chmod(0o600)

    assert read_master_key(file) == MASTER

    file.chmod(0o640)
    with pytest.raises(Broken, match="others can read it"):
        read_master_key(file)


@pytest.mark.parametrize("content", ["", "zz", "00" * 31])
def test_a_file_that_holds_no_master_key_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "master"
    file.write_text(content, encoding="ascii")
    file.chmod(0o600)

    with pytest.raises(Broken, match="vault_master_key"):
        read_master_key(file)
    with pytest.raises(Broken, match="vault_master_key"):
        read_master_key(tmp_path / "absent")


def test_the_systems_dice_do_not_repeat() -> None:
    dice = SystemDice()

    assert len({dice.token(16) for _ in range(1000)}) == 1000
    assert len(dice.token(7)) == 7
