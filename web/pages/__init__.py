"""Pages for people: server-rendered, each with its policy, calling the same service as the API."""

from fastapi import APIRouter

from web.pages import clock, design, forms, home, theme

#: Routers of the pages, one a page.
PAGES: tuple[APIRouter, ...] = (home.router, clock.router, design.router, theme.router, forms.router)
