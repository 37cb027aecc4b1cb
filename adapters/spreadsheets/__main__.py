"""The process in which workbooks are parsed; `sandbox.read_book` starts it."""

from adapters.spreadsheets.sandbox import main

main()
