"""Clock, catalog, the one door, worker, scheduler, bulk."""
