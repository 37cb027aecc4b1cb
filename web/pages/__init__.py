"""Pages for people: server-rendered, each with its policy, calling the same service as the API."""

from fastapi import APIRouter

from web.pages import home

#: Routers of the pages, one a page.
PAGES: tuple[APIRouter, ...] = (home.router,)
