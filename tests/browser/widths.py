"""The widths at which pages are looked at, in CSS pixels, and the heights that go with them."""

DESKTOP = 1440
PHONE = 390
TABLET = 820
WIDE = 1920
HEIGHTS = {DESKTOP: 900, PHONE: 844, TABLET: 1180, WIDE: 1080}
