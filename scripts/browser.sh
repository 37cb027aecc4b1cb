#!/usr/bin/env bash
# Sees to the browser of the browser tests: Debian's Chromium and a Chinese font, installed where this user may.
# Says aloud what is missing and exits 0: the browser tests fail by themselves where there is no browser.
set -uo pipefail

missing=()
command -v "${ZHIBEN_CHROMIUM:-chromium}" >/dev/null || missing+=(chromium chromium-l10n)
if command -v fc-list >/dev/null; then
  [ -n "$(fc-list :lang=zh-cn family 2>/dev/null | head -n 1)" ] || missing+=(fonts-noto-cjk)
elif [ ! -d /usr/share/fonts/opentype/noto ]; then
  missing+=(fonts-noto-cjk)
fi
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "The browser tests need ${missing[*]}: installing from Debian." >&2
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null && exit 0
fi
echo "MISSING for the browser tests: ${missing[*]} (Debian: apt-get install ${missing[*]}). They will FAIL, not be skipped." >&2
exit 0
