"""What accounts stand on, from the settings: the clock, how slow a hash is, what passwords and sessions are like."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from engine.core.ports import Clock
from engine.runtime.account_parts import AccountRules
from engine.runtime.clock import AheadClock
from engine.runtime.passwords import Argon2, PasswordRules
from zhiben.settings import Settings


def rules_of(settings: Settings) -> AccountRules:
    """How long sessions last, how patient accounts are and which passwords may be chosen."""
    return AccountRules(
        passwords=PasswordRules(
            profile=settings.password_profile, least=settings.password_length, days=settings.password_days
        ),
        idle=timedelta(minutes=settings.session_idle_minutes),
        longest=timedelta(hours=settings.session_hours),
    )


def accounts_on(settings: Settings, clock: Clock) -> dict[str, Any]:
    """The arguments of Accounts and AccountKeeping that settings and clock decide."""
    return {
        # a demonstration whose clock jumps a week must not sign everybody out
        "clock": clock.base if isinstance(clock, AheadClock) else clock,
        "hasher": Argon2(
            memory_kib=settings.argon_memory_kib, passes=settings.argon_passes, lanes=settings.argon_lanes
        ),
        "rules": rules_of(settings),
    }
