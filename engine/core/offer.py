"""One button: what a person may do now in a case."""

from __future__ import annotations

from typing import Literal

import msgspec

from engine.core.definition import FormItem, SignatureLevel, SignSpec
from engine.core.extending import Room

OfferKind = Literal[
    "act", "consent", "refuse", "issue", "decline", "reopen",
    # of the people of a task
    "claim", "release", "transfer", "delegate", "give_back", "take_back", "urge", "copy", "recuse", "recall",
    "vote", "add_voice", "remove_voice", "opinion",
    "hand_over", "receive", "refuse_receipt", "designate",
    "invite",
    "pause_ladder", "resume_ladder",
]  # fmt: skip


class Offer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One button: what it does, what it asks for, and as which party the person would act."""

    #: 0 = of the case itself: reopening, taking one's last act back
    task: int
    kind: OfferKind
    #: action id; of a draft the rung
    action: str
    #: of the action, of a draft the id of its text
    title: str
    form: tuple[FormItem, ...] = ()
    sign: SignatureLevel = "none"
    #: who signs, where several do
    signs: tuple[SignSpec, ...] = ()
    #: kind of certificate that who acts, and who signs with them, must hold
    certificate: str = ""
    #: kinds of evidence that must come with it
    evidence: tuple[str, ...] = ()
    party: str
    #: the request would come after the deadline; the form then holds the fields for that
    late: bool = False
    #: a second person will have to consent
    approval: bool = False
    #: a reason must be given besides the form
    reason: bool = False
    #: guard of the acts that must be done on site; "" = anywhere
    on_site: str = ""
    batch: bool = True
    #: span phrase: how late it may be entered; "" = not at all
    late_entry: str = ""
    #: for whom who acts stands in; "" = for themself
    stands_for: str = ""
    #: they act in the place of who holds the task, whom they supervise: a reason is needed
    superior: bool = False
    #: back: states to which it may lead; urge, hand_over …: ids among which one is chosen
    among: tuple[str, ...] = ()
    #: it moves the deadline: how far it may
    room: Room | None = None
    #: parties of whose members one must be named
    parties: tuple[str, ...] = ()
