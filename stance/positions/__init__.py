"""Statements become positions: the ledger, its change points, and where outlets differ (docs/positions.md)."""
