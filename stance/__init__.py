"""Who holds which stance toward which peace process, read from news text."""
