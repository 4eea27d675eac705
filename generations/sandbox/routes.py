"""Which function answers which address."""

from collections.abc import Awaitable, Callable

from generations.sandbox import files, models_api
from generations.sandbox.exchange import Exchange
from generations.sandbox.generation import chat, edit, generate
from generations.sandbox.moderation import moderate
from generations.sandbox.problems import DetailError

Route = Callable[[Exchange], Awaitable[None]]
NamedRoute = Callable[[Exchange, str], Awaitable[None]]


async def healthz(exchange: Exchange) -> None:
    await exchange.send_json({"status": "ok"})


async def show_ledger(exchange: Exchange) -> None:
    await exchange.send_json(exchange.house.ledger.report())


async def reset(exchange: Exchange) -> None:
    exchange.house.ledger.reset()
    exchange.house.storeroom.clear()
    await exchange.send_json({"status": "reset"})


ROUTES: dict[str, dict[str, Route]] = {
    "/v1/images/generations": {"POST": generate},
    "/v1/images/edits": {"POST": edit},
    "/v1/chat/completions": {"POST": chat},
    "/v1/moderations": {"POST": moderate},
    "/v1/models": {"GET": models_api.list_models},
    "/v1/models/search": {"GET": models_api.search_models},
    "/v1/models/free": {"GET": models_api.list_free},
    "/v1/models/paid": {"GET": models_api.list_paid},
    "/_sandbox/ledger": {"GET": show_ledger},
    "/_sandbox/reset": {"POST": reset},
    "/healthz": {"GET": healthz},
}
NAMED: dict[str, NamedRoute] = {
    "/v1/models/": models_api.get_model,
    "/files/": files.send_file,
}


async def answer(exchange: Exchange) -> None:
    """Raises the 404 or 405 of an address or method that isn't there."""
    path, method = exchange.request.path, exchange.request.method
    routes = ROUTES.get(path)
    if routes is not None:
        if method not in routes:
            raise DetailError(405, "Method Not Allowed")
        await routes[method](exchange)
        return
    for prefix, route in NAMED.items():
        if path.startswith(prefix) and len(path) > len(prefix):
            if method not in ("GET", "HEAD"):
                raise DetailError(405, "Method Not Allowed")
            await route(exchange, path.removeprefix(prefix))
            return
    raise DetailError(404, "Not Found")
