"""The report's page: statements, the ledger, the charts and the models' cards, as one HTML file (docs/report.md)."""
