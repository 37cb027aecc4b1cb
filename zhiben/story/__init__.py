"""The story that `zhiben demo` tells: sample spreadsheets, people who act by seeded dice, and the telling."""
