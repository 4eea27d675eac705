from generations import lifecycle, outcomes


def banners() -> list[dict[str, str]]:
    """What concerns everybody just now: closed gates, with why."""
    return [
        {"tone": "warn", "text": _sentence(gate.name, gate.reason)}
        for gate in lifecycle.closed_gates()
    ]


def _sentence(name: str, reason: str) -> str:
    outcome = outcomes.sentence_for(reason)
    who = "" if name == lifecycle.ACCOUNT_GATE else f" ({name.removeprefix('model:')})"
    return f"{outcome.title}{who}. {outcome.sentence}"
