"""Parsing of what strangers wrote, in processes of its own: pages and feeds → plain values."""
