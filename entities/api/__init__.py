"""REST endpoints about records: facts, merges, the change feed, matching. Records themselves: ``entities.views``."""
