"""What the faces may be told from outside; the application reads it from its own settings and passes it down."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class WebSettings:
    """Limits and switches of the HTTP interface."""

    #: bytes of a request without files
    request_bytes: int = 1_000_000
    #: bytes of one uploaded file
    file_bytes: int = 20_000_000
    #: levels of a JSON body
    json_depth: int = 20
    #: whether the OpenAPI document is served
    docs: bool = False
    #: requests of one token, and refused requests of one address, as the `limits` library writes them
    caller_rate: str = "1200/minute"
    refused_rate: str = "60/minute"
    #: seconds to wait for the answer of a command; after that it may still be carried out
    answer_seconds: float = 30.0
    #: rows of a page where none are asked for, and at most
    page_rows: int = 50
    most_page_rows: int = 200
    #: items of one batch
    most_batch: int = 100
    #: whether pages are reached by https only; without it the cookie has no `__Host-` protection
    secure_cookies: bool = True

    #: the address people know, "https://zhiben.example"; "" = whatever host a request names
    origin: str = ""
    #: attempts to sign in from one address
    sign_in_rate: str = "30/minute"

    @property
    def cookie(self) -> str:
        """The name of the session's cookie."""
        return "__Host-zhiben" if self.secure_cookies else "zhiben"

    @property
    def device_cookie(self) -> str:
        """The name of the cookie by which a browser is known that several people share."""
        return f"{self.cookie}-device"

    @property
    def fresh_cookie(self) -> str:
        """The name of the cookie of who is about to sign in."""
        return f"{self.cookie}-fresh"
