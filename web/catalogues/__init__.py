"""The product's own Chinese texts: sentences by code, and how data of the engine is told to people.

No word of a domain stands here; those come from the titles of definitions, handed in as `Titles`.
"""

from web.catalogues.sentences import say, sentence_of, tell_value
from web.catalogues.titles import NO_TITLES, Titles, titles_of
from web.catalogues.told_errors import tell_error, tell_problem
from web.catalogues.told_events import tell_entry, tell_event
from web.catalogues.told_rows import tell_row
from web.catalogues.told_time import (
    Remaining,
    light_of,
    remaining,
    tell_deadline,
    tell_derivation,
    tell_instant,
    tell_passed,
    tell_rule,
)

__all__ = [
    "NO_TITLES",
    "Remaining",
    "Titles",
    "light_of",
    "remaining",
    "say",
    "sentence_of",
    "tell_deadline",
    "tell_derivation",
    "tell_entry",
    "tell_error",
    "tell_event",
    "tell_instant",
    "tell_passed",
    "tell_problem",
    "tell_row",
    "tell_rule",
    "tell_value",
    "titles_of",
]
