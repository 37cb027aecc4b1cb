"""Trimming a style sheet: rules about unused classes go, everything else stays as it was."""

from __future__ import annotations

import pytest

from scripts.trim_css import trim


@pytest.mark.parametrize(
    ("sheet", "left"),
    [
        ("a{color:red}.card{x:1}", "a{color:red}"),
        (".row,.card>.row{x:1}", ".row{x:1}"),
        (".col-md-6{x:1}.column{x:1}", ".col-md-6{x:1}"),
        (".text-start{x:1}.text-blue{x:1}", ".text-start{x:1}"),
        ("@media (x){.card{x:1}}@media (y){.row{x:1}}", "@media (y){.row{x:1}}"),
        ("@keyframes spin{to{x:1}}", ""),
        ("@font-face{src:url(data:a}b)}", "@font-face{src:url(data:a}b)}"),
        ('/* .card{ */.row{content:"}"}', '.row{content:"}"}'),
        (":is(.row,.card){x:1}", ""),
    ],
)
def test_only_rules_of_the_kept_families_stay(sheet: str, left: str) -> None:
    assert trim(sheet, ["row", "col", "text-start"]) == left
