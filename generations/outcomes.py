"""What a person reads when a picture waits or does not come: a title and one sentence per code.

Whether it cost anything is said beside it, by who knows the ledger.
"""

from dataclasses import dataclass

BLOCKED_HERE = "blocked_here"  # by our own check; its message names what was found
PAUSED = "paused"  # a gate that an operator closed by hand, with their words as its message


@dataclass(frozen=True)
class Outcome:
    title: str
    sentence: str


_UNREACHABLE = Outcome(
    "Can't reach the provider",
    "The connection to the provider could not be made; it is tried again by itself.",
)
_UNKNOWN_TITLE = "Outcome unknown"
_PROVIDER_ERROR = Outcome(
    "Provider error",
    "The provider failed while it may already have been working; you can run it again.",
)
_CLIENT_BUG = Outcome(
    "Not accepted",
    "The provider could not make sense of our request; please tell whoever runs this site.",
)
_UNREADABLE = Outcome(
    "Unreadable picture", "What came is not a picture we can read; it is kept for support."
)
_ADDRESS_BLOCKED = Outcome(
    "Blocked for safety",
    "The picture's address is not one we open; an operator has been told.",
)


def _unknown(sentence: str) -> Outcome:
    return Outcome(
        _UNKNOWN_TITLE, f"{sentence} It is not repeated by itself; you can run it again."
    )


OUTCOMES: dict[str, Outcome] = {
    "ok": Outcome("Done", "The picture is here."),
    # Nothing was sent
    "dns": Outcome(
        "Can't reach the provider",
        "The provider's address was not found; it is tried again by itself.",
    ),
    "refused_connection": _UNREACHABLE,
    "connect_timeout": _UNREACHABLE,
    "tls_timeout": _UNREACHABLE,
    "tls_failed": _UNREACHABLE,
    "tls_certificate": Outcome(
        "Paused: secure connection",
        "The provider's certificate is not valid, so nothing is sent until an operator has looked.",
    ),
    "proxy_refused": Outcome(
        "Paused by configuration",
        "Our own network does not let requests out; an operator has been told.",
    ),
    "no_slot": Outcome("Waiting", "It starts as soon as a slot is free."),
    "team_turn": Outcome("Waiting", "It starts as soon as its team has a turn."),
    "check_away": Outcome(
        "Waiting for a check",
        "Prompts are checked here before they are sent, and the check doesn't answer; it is tried"
        " again by itself.",
    ),
    "not_started": Outcome("Waiting", "It was stopped before it was sent and starts again."),
    "send_interrupted": Outcome(
        "Sending failed", "The request broke off while it was being sent; it is tried once more."
    ),
    # Sent, and the answer did not come whole
    "connection_lost": _unknown("The connection ended before the provider answered."),
    "first_byte": _unknown("The provider did not begin to answer in time."),
    "silence": _unknown("The provider began to answer and then fell silent."),
    "deadline": _unknown("The provider did not finish in the time allowed."),
    "aborted": _unknown("We had to stop while the provider was working."),
    "cut": _unknown("The answer broke off before a picture was complete."),
    # Refused
    "invalid_request": Outcome(
        "Not accepted", "The provider refused these settings; change them and submit again."
    ),
    "validation": Outcome(
        "Not accepted", "The provider found a field it can't use; change it and submit again."
    ),
    "blocked": Outcome(
        "Blocked by moderation",
        "The provider declined this prompt; rewrite it and submit again.",
    ),
    BLOCKED_HERE: Outcome(
        "Blocked by this gallery",
        "Its automatic check refused the prompt before it was sent: no model has seen it. Rewrite"
        " it and submit again.",
    ),
    "conflict": Outcome(
        "Not accepted", "The provider reported a conflict and did nothing; you can run it again."
    ),
    "not_supported": Outcome(
        "Not supported", "This model can't do that; choose other settings or another model."
    ),
    "client_bug": _CLIENT_BUG,
    "forbidden": Outcome(
        "Not permitted", "Our account may not use this model; choose another one."
    ),
    "model_gone": Outcome("Model is gone", "The provider no longer has this model; pick another."),
    "unauthorized": Outcome(
        "Paused: key refused",
        "The provider refused our key; it goes on when an operator has renewed it.",
    ),
    "no_balance": Outcome(
        "Paused: balance used up",
        "Our balance with the provider is used up; it goes on when an operator has topped it up.",
    ),
    "redirected": Outcome(
        "Paused by configuration",
        "The provider's address points elsewhere, and we don't follow; an operator has been told.",
    ),
    "rate_limited": Outcome(
        "Provider is busy", "The provider asked us to wait; it is tried again by itself."
    ),
    "quota_wait": Outcome(
        "Limit reached",
        "The provider's limit is reached for now; it goes on by itself when it opens again.",
    ),
    # Failed, perhaps after working
    "provider_error": _PROVIDER_ERROR,
    "gateway_error": _PROVIDER_ERROR,
    "unavailable": _PROVIDER_ERROR,
    "stream_error": _PROVIDER_ERROR,
    "gateway_timeout": _unknown("The provider took longer than its own gateway waits."),
    "timeout_answer": _unknown("Something on the way to the provider stopped waiting."),
    # Answered, and not readable
    "unexpected_status": _unknown("The provider answered in a way that has no agreed meaning."),
    "wrong_content": _unknown("Something that is not a picture came back."),
    "malformed": _unknown("The provider's answer could not be read; it is kept for support."),
    "bad_head": _unknown("The provider's answer was not proper HTTP."),
    "encoded": _unknown("The provider's answer came in a form we did not ask for; it is kept."),
    "answer_too_large": _unknown("The provider's answer was larger than anything we accept."),
    # Answered, with nothing to show
    "empty": Outcome(
        "No picture", "The provider answered without a picture; you can run it again."
    ),
    "no_picture": Outcome(
        "No picture", "The provider's answer has a place for the picture and none in it."
    ),
    "undecodable": _UNREADABLE,
    "bad_address": Outcome(
        "Blocked for safety", "The provider gave an address for the picture that we don't open."
    ),
    # The picture's address
    "link_expired": Outcome(
        "Link expired", "The provider's link expired before we could save the picture."
    ),
    "download_blocked": _ADDRESS_BLOCKED,
    "download_missing": Outcome(
        "Saving", "The picture is not at its address yet; it is fetched again by itself."
    ),
    "download_unavailable": Outcome(
        "Saving", "The picture's address does not answer; it is fetched again by itself."
    ),
    "download_too_large": Outcome(
        "Too large", "The picture is larger than this site stores; its address is kept for support."
    ),
    "address_blocked": _ADDRESS_BLOCKED,
    # What came, and is no picture to show
    "not_an_image": _UNREADABLE,
    "unsupported_format": Outcome(
        "Unreadable picture", "What came is a kind of file we don't open; it is kept for support."
    ),
    "damaged": Outcome(
        "Damaged picture", "The picture is damaged, so there is no preview; you can download it."
    ),
    "too_large": Outcome(
        "Too large to preview", "The picture's file is too large to preview; you can download it."
    ),
    "too_many_pixels": Outcome(
        "Too large to preview", "The picture has more pixels than we preview; you can download it."
    ),
    "too_costly": Outcome(
        "Too large to preview", "The picture takes too much work to preview; you can download it."
    ),
    # On our side
    "worker_lost": _unknown("Our worker stopped while the provider was working."),
    "answer_missing": _unknown("The provider's answer is no longer on our disk."),
    "spool_full": Outcome(
        "Waiting", "Our disk is too full to keep an answer safe; it starts when there is room."
    ),
    "storage_behind": Outcome(
        "Waiting",
        "Finished pictures can't be put away just now; it starts when storage has caught up.",
    ),
    "journal_away": Outcome(
        "Waiting",
        "Our record of what was sent can't be written; it starts when an operator has mended that.",
    ),
    "our_fault": Outcome(
        "Something of ours is wrong",
        "A fault of ours stopped it; the details are in the log, for whoever runs this site.",
    ),
    "spool_failed": _unknown("Our disk failed while the answer was coming."),
    "sent_before": _unknown("It was sent before our database was restored from a backup."),
    "restored": Outcome(
        "Paused after a restore",
        "The database is older than what was sent; an operator looks before anything goes on.",
    ),
    "paused": Outcome("Paused", "An operator has paused sending; it goes on when they reopen it."),
    "storage_away": Outcome(
        "Saving", "Storage is not reachable; the picture is safe on the server until it is."
    ),
    # A person decided
    "resolved_charged": Outcome(
        "Charged, no picture", "The provider's bill has it; what it drew never reached us."
    ),
    "resolved_free": Outcome(
        "Not charged", "The provider's bill doesn't have it; you can run it again."
    ),
}


def _given_up(reason: str) -> Outcome:
    return Outcome("Given up", f"{reason}, so it is not tried any more; you can run it again.")


_UNREACHED = _given_up("The provider could not be reached")
_NO_TURN = _given_up("Its turn did not come in time")

# The same causes once nobody waits any longer.
OVER: dict[str, Outcome] = {
    "dns": _given_up("The provider's address was not found"),
    "refused_connection": _UNREACHED,
    "connect_timeout": _UNREACHED,
    "tls_timeout": _UNREACHED,
    "tls_failed": _UNREACHED,
    "tls_certificate": _given_up("The provider's certificate was not valid"),
    "proxy_refused": _given_up("Our own network did not let the request out"),
    "check_away": _given_up("The automatic check of prompts did not answer"),
    "no_slot": _NO_TURN,
    "team_turn": _NO_TURN,
    "not_started": _NO_TURN,
    "send_interrupted": _given_up("The request broke off while it was being sent"),
    "unauthorized": _given_up("The provider refused our key"),
    "no_balance": _given_up("Our balance with the provider was used up"),
    "redirected": _given_up("The provider's address points elsewhere, and we don't follow"),
    "rate_limited": _given_up("The provider kept asking us to wait"),
    "quota_wait": _given_up("The provider's limit stayed reached"),
    "spool_full": _given_up("Our disk was too full to keep an answer safe"),
    "storage_behind": _given_up("Finished pictures could not be put away"),
    "journal_away": _given_up("Our record of what was sent could not be written"),
    "restored": _given_up("The database was older than what had been sent"),
    "paused": _given_up("An operator had paused sending"),
}

UNLISTED = Outcome(
    "Not finished", "Something unforeseen happened; whoever runs this site can look."
)

# Where the provider's own words help to decide what to do next.
QUOTED = frozenset(
    {
        "invalid_request",
        "validation",
        "blocked",
        "conflict",
        "not_supported",
        "forbidden",
        "model_gone",
        "provider_error",
        "gateway_error",
        "unavailable",
        "stream_error",
    }
)


def sentence_for(code: str, *, message: str = "", is_over: bool = False) -> Outcome:
    """`message` is the provider's, already cleaned: quoted where it helps, and plain text still.
    Of a prompt that we blocked it is what was found.

    `is_over` says that nothing more is tried, whatever the code once made it wait for.
    """
    outcome = OUTCOMES.get(code, UNLISTED)
    if is_over:
        outcome = OVER.get(code, outcome)
    if message and code == BLOCKED_HERE:
        return Outcome(outcome.title, f"Found: {message}. {outcome.sentence}")
    if not message or code not in QUOTED:
        return outcome
    return Outcome(outcome.title, f"{outcome.sentence} The provider says: “{message}”")
