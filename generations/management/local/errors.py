class CannotStart(Exception):
    """One sentence for the person at the terminal: what is wrong and what to do."""


class StopAsked(BaseException):
    """Ctrl-C or SIGTERM came while we were still starting."""
