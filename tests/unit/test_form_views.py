"""Forms as pages show and read them: what is asked and required, where what is wrong is said, rows and signatures."""

from __future__ import annotations

from engine.core.command import Signature
from engine.core.definition import FieldSpec, FormItem, SignSpec
from tests.samples import FIELDS
from web.pages.form_fields import Told
from web.pages.form_files import KeptFile, kept_of, slot_of
from web.pages.form_parts import closed_up, kind_of, rows_in
from web.pages.form_reading import Posted
from web.pages.form_signing import signatures_in
from web.pages.form_views import Asked, form_view

FOUND = FieldSpec(
    id="found",
    title="问题",
    kind="table",
    columns=(
        FieldSpec(id="what", title="是什么", kind="text", required=True),
        FieldSpec(id="shots", title="照片", kind="photo", many=True),
    ),
)
KNOWN = {spec.id: spec for spec in (*FIELDS, FOUND)}


def kept(field: str = "", kind: str = "photo", letter: str = "a", place: str = "") -> KeptFile:
    """A file that a form carries."""
    return KeptFile(field=field, kind=kind, sha256=letter * 64, size=3, media_type="image/png", place=place)


def asked(*form: str, **more: object) -> Asked:
    """A form for some fields."""
    items = tuple(FormItem(field=name) for name in form)
    return Asked(title="办理", address="/x", back="/y", fields=KNOWN, form=items, **more)  # type: ignore[arg-type]


def test_evidence_is_asked_where_the_form_has_a_field_for_it_else_by_an_input_of_its_own() -> None:
    with_field = form_view(asked("photos", evidence=("photo",)), key="k", seen=1, entities={})
    without = form_view(asked("opinion", evidence=("photo",)), key="k", seen=1, entities={})

    assert [(view.id, view.required) for view in with_field.fields] == [("photos", True)]
    assert [(view.id, view.required) for view in without.fields] == [("opinion", False), ("_photo", True)]


def test_a_signature_by_hand_is_asked_for_by_drawing_and_never_by_typing() -> None:
    view = form_view(asked("opinion", sign="hand"), key="k", seen=1, entities={})

    assert [(one.id, one.widget) for one in view.fields] == [("opinion", "line"), ("_signature", "signature")]


def test_what_is_wrong_leads_to_its_input_and_stays_beside_it() -> None:
    told = [Told(field="opinion", text="没有填写"), Told(field="", text="系统忙")]

    view = form_view(asked("opinion"), key="k", seen=1, entities={}, told=told)

    assert view.fields[0].error == "没有填写"
    assert [(one.anchor, one.title) for one in view.problems] == [("field-opinion", "意见"), ("form", "")]


def test_what_the_case_says_stands_in_the_form_until_something_is_typed() -> None:
    form = asked("level", prepared={"level": "low"})

    fresh = form_view(form, key="k", seen=1, entities={}).fields[0]
    typed = form_view(form, key="k", seen=1, entities={}, posted=Posted(key="k", texts={"f.level": ("high",)}))

    assert [option.value for option in fresh.options if option.chosen] == ["low"]
    assert [option.value for option in typed.fields[0].options if option.chosen] == ["high"]


def test_rows_left_empty_are_not_there_and_those_after_them_move_up_with_their_files() -> None:
    texts = {"f.found.0.what": ("",), "f.found.2.what": ("开关破损",), "f.opinion": ("可",)}
    files = [kept("found.2.shots"), kept("photos", letter="b")]

    told, moved = closed_up(texts, files, KNOWN)

    assert told == {"f.found.0.what": ("开关破损",), "f.opinion": ("可",)}
    assert [one.field for one in moved] == ["found.0.shots", "photos"]
    assert rows_in("found", told, moved) == [0]


def test_an_input_takes_files_only_where_its_field_does() -> None:
    kinds = [
        kind_of(slot, KNOWN) for slot in ("photos", "found.3.shots", "found.3.what", "_scan", "_signature.1", "nix")
    ]

    assert kinds == ["photo", "photo", "text", "scan", "signature", ""]
    assert slot_of("_signature.1.witness", "") == ("", "signature")


def test_a_carried_file_is_read_again_whole_or_not_at_all() -> None:
    one = kept("photos")

    assert kept_of(one.carried) == one
    for forged in ("", "[]", "{}", one.carried.replace('"photo"', '"script"'), one.carried.replace("aaaa", "zzzz")):
        assert kept_of(forged) is None


def test_a_refusal_to_sign_comes_with_its_witness_in_place_of_a_signature() -> None:
    signs = (SignSpec(party="unit", level="hand", refused="witness"), SignSpec(party="", level="hand", count=2))
    texts = {
        "f._signature.0": ("chen",),
        "f._signature.1": ("zhou",),
        "f._signature.2.refused": ("不认可",),
        "f._signature.2.witness": ("吴某",),
    }
    files = tuple(
        kept(kind="signature", letter=letter, place=place)
        for letter, place in (("a", "_signature.0"), ("b", "_signature.1"), ("c", "_signature.2.witness"))
    )

    found = [one for _, one in signatures_in(signs, Posted(key="k", texts=texts, files=files))]

    assert found == [
        Signature(person="chen", file="a" * 64),
        Signature(person="zhou", file="b" * 64),
        Signature(party="unit", refused="不认可", witness="吴某", witness_file="c" * 64),
    ]
