"""Copies what the pages take from others out of web/node_modules into web/static/vendor, with licences and hashes.

    python -m scripts.assets

Run by `make setup` after `npm ci`. Tabler's style sheet is trimmed to what `KEPT` names and put into the cascade
layer `vendor`, so that every rule of our own wins whatever its specificity.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from pathlib import Path

from scripts.trim_css import trim

WEB = Path(__file__).resolve().parent.parent / "web"
VENDOR = WEB / "static" / "vendor"
MANIFEST = "manifest.json"

#: file in web/static/vendor -> file in web/node_modules
COPIED = {
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "htmx-sse.js": "htmx.org/dist/ext/hx-sse.min.js",
    "echarts.js": "echarts/dist/echarts.common.min.js",
    "signature_pad.js": "signature_pad/dist/signature_pad.min.js",
    "licences/htmx.txt": "htmx.org/LICENSE",
    "licences/echarts.txt": "echarts/LICENSE",
    "licences/echarts-notice.txt": "echarts/NOTICE",
    "licences/signature_pad.txt": "signature_pad/LICENSE",
}
TABLER = "@tabler/core/dist/css/tabler.min.css"
#: Tabler ships no licence file; its package says MIT and whose it is.
TABLER_PACKAGE = "@tabler/core/package.json"
#: Families of Tabler's classes that pages may use; of its components and its grid our own take the place, and names
#: as common as `row` or `col` are free for pages.
KEPT = (
    "d flex justify-content align-items align-self gap m mt mb ms me mx my p pt pb ps pe px py w h "
    "text-start text-center text-end text-nowrap text-truncate text-break "
    "form-check form-switch form-range visually-hidden visually-hidden-focusable"
)
_SAID = "The packages of web/package-lock.json are not all there: {}. Run `make setup`; it needs Node with npm."


def main() -> int:
    """Copy, trim and write the manifest; 1 and a sentence where a package is missing."""
    modules = WEB / "node_modules"
    wanted = [*COPIED.values(), TABLER, TABLER_PACKAGE]
    missing = sorted({name for name in wanted if not (modules / name).is_file()})
    if missing:
        print(_SAID.format(", ".join(missing)), file=sys.stderr)
        return 1
    shutil.rmtree(VENDOR, ignore_errors=True)
    (VENDOR / "licences").mkdir(parents=True)
    for name, source in COPIED.items():
        (VENDOR / name).write_bytes(_without_map((modules / source).read_bytes()))
    tabler = (modules / TABLER).read_text(encoding="utf-8")
    (VENDOR / "tabler.css").write_text(f"@layer vendor {{{trim(tabler, KEPT.split())}}}\n", encoding="utf-8")
    package = json.loads((modules / TABLER_PACKAGE).read_text(encoding="utf-8"))
    told = f"@tabler/core {package['version']}, {package['license']}, {package['author']}\n"
    (VENDOR / "licences" / "tabler.txt").write_text(told, encoding="utf-8")
    manifest = {name: hash_of(VENDOR / name) for name in sorted(_files())}
    (VENDOR / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    return 0


def hash_of(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _files() -> list[str]:
    return [path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()]


def _without_map(content: bytes) -> bytes:
    """Without the line that asks a browser's tools for a map we do not serve."""
    lines = content.rstrip().split(b"\n")
    if lines[-1].startswith(b"//# sourceMappingURL="):
        lines.pop()
    return b"\n".join(lines) + b"\n"


if __name__ == "__main__":
    sys.exit(main())
