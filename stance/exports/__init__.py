"""What other programs read of statements: networks, tables, matrices and the replication bundle (docs/exports.md)."""
