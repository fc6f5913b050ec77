"""Prediction over an archive: read as a stream, judged on every core, written in parts that survive any stop."""
