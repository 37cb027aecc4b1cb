"""The only place that knows SQLAlchemy and the drivers; `store.open_store` is the way in."""
