"""The Reconciliation API: version 0.2 for OpenRefine and its kin, the 1.0 draft beside it."""
