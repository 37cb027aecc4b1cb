"""Pages for people: server-rendered, each with its policy, calling the same service as the API."""

from fastapi import APIRouter

from web.pages import (
    account,
    boards,
    case,
    clock,
    design,
    drafts,
    files,
    form_aids,
    forms,
    home,
    imports,
    inbox,
    pin,
    register_exports,
    registers,
    report,
    search,
    sign_in,
    switch,
    theme,
    triage,
    work,
)

#: Routers of the pages, one a page.
PAGES: tuple[APIRouter, ...] = (
    home.router,
    sign_in.router,
    switch.router,
    account.router,
    pin.router,
    clock.router,
    design.router,
    theme.router,
    case.router,
    files.router,
    report.router,
    form_aids.router,
    forms.router,
    work.router,
    inbox.router,
    drafts.router,
    registers.router,
    register_exports.router,
    imports.router,
    triage.router,
    search.router,
    boards.router,
)
