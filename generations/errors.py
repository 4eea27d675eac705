"""What a person may meet.

GalleryError                400
├── NotAllowed              403   seen, but not theirs to do
├── BudgetExhausted         402   the budget that refused is named
├── Conflict                409   it changed meanwhile
├── CannotConvert           422   a picture can't be had in the form asked for
└── Unavailable             503   a part of ours is away; nothing was lost
"""


class GalleryError(Exception):
    """Something a person can read: `code` never changes, `sentence` may, `status` is HTTP's."""

    code = "bad_request"
    status = 400

    def __init__(self, sentence: str, *, code: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code or self.code


class NotAllowed(GalleryError):
    code = "not_allowed"
    status = 403


class BudgetExhausted(GalleryError):
    code = "budget_exhausted"
    status = 402


class Conflict(GalleryError):
    code = "conflict"
    status = 409


class CannotConvert(GalleryError):
    code = "cannot_convert"
    status = 422


class Unavailable(GalleryError):
    code = "unavailable"
    status = 503
