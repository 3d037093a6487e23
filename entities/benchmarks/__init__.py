"""Seeded measurements: ``manage.py benchmark NAME``. Each module registers itself in ``registry``."""
