"""The documents of workflows/ as pydantic models: one module for each kind of thing; `documents` lists the kinds."""
