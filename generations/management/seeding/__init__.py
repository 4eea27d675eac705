"""Galleries made up in bulk: believable rows over a small pool of real pictures."""
