"""Every page that is looked at with the same questions: add yours. `{case}` is a case with a task of the visitor."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Visited:
    """A page and who visits it; person "" has not signed in. A board may bring more script."""

    path: str
    person: str = "sun"
    #: then go where the first link leads that this selector finds: for addresses with ids of definitions
    follow: str = ""
    board: bool = False

    @property
    def name(self) -> str:
        """What the test and its pictures are called."""
        told = f"{self.path}{'-next' if self.follow else ''}"
        return told.partition("?")[0].strip("/").translate(str.maketrans("/{}", "-__"))


PAGES = (
    Visited(path="/design"),
    Visited(path="/sign-in", person=""),
    Visited(path="/work"),
    Visited(path="/work", follow="main .acts a[href^='/cases/']"),
    Visited(path="/inbox"),
    Visited(path="/drafts"),
    Visited(path="/account"),
    Visited(path="/account/password"),
    Visited(path="/account/pin"),
    Visited(path="/switch"),
    Visited(path="/cases/{case}"),
    Visited(path="/registers"),
    Visited(path="/registers", follow="main a[href^='/registers/']"),
    Visited(path="/import", person="an"),
    Visited(path="/leavers", person="an"),
    Visited(path="/leavers/sun", person="an"),
    Visited(path="/watches", person="an"),
    Visited(path="/watches", follow="main a.case", person="an"),
    Visited(path="/organisation"),
    Visited(path="/organisation/people/sun"),
    Visited(path="/organisation/powers", person="ru"),
    Visited(path="/organisation/rosters", person="ru"),
    Visited(path="/organisation/successions", person="ru"),
    Visited(path="/cases/{case}/guests"),
    Visited(path="/duties"),
    Visited(path="/duties", follow=".duty-list a.case"),
    Visited(path="/duties/calendar"),
    Visited(path="/report", person="jin"),
    Visited(path="/search?q=YH"),
    Visited(path="/design", follow=".rail a[href^='/boards/']", person="an", board=True),
    Visited(path="/nowhere"),
)
