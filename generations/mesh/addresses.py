"""Which addresses of pictures may be fetched: public ones over https, and our own API's."""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass

import httpx

from generations.mesh.errors import MeshError

MAX_URL_CHARS = 8192
_PORTS = {"http": 80, "https": 443}
_UNSAFE = re.compile(r"[\s\x00-\x1f\x7f\\#]")

# What `is_global` lets pass, by Python version; IPv6 is the other way round: little is allowed.
_V4_REFUSED = tuple(
    ipaddress.IPv4Network(network)
    for network in ("0.0.0.0/8", "192.0.0.0/24", "192.88.99.0/24", "224.0.0.0/4", "240.0.0.0/4")
)
_V6_ALLOWED = ipaddress.IPv6Network("2000::/3")
_V6_REFUSED = tuple(
    ipaddress.IPv6Network(network)
    for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)


class DownloadError(MeshError):
    """The picture was paid for; what failed is fetching it, which may be repeated for free."""

    charge = "charged"


class DownloadBlocked(DownloadError):
    """Not fetched, for safety. Never repeated: an operator looks at it."""


class DownloadGone(DownloadError):
    """The provider's link has expired."""


class DownloadMissing(DownloadError):
    """Not there, or not there yet."""


class DownloadUnavailable(DownloadError):
    """Time-outs, resets, 5xx: the same address may answer later."""


class DownloadTooLarge(DownloadError):
    pass


@dataclass(frozen=True)
class Target:
    url: httpx.URL
    is_trusted: bool


def target_from(url: str, *, trusted_origin: str = "", allowed_hosts: Sequence[str] = ()) -> Target:
    """The one parsing of an address. DownloadBlocked says in its message what is wrong with it."""
    if not isinstance(url, str) or len(url) > MAX_URL_CHARS or _UNSAFE.search(url):
        raise _blocked("the address has characters or a length that none should have")
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise _blocked("the address can't be read") from error
    if parsed.userinfo or not parsed.host or parsed.scheme not in _PORTS:
        raise _blocked("only plain https addresses are fetched")
    if trusted_origin and origin_of(parsed) == origin_of(httpx.URL(trusted_origin)):
        return Target(parsed, is_trusted=True)
    if parsed.scheme != "https" or parsed.port not in (None, 443):
        raise _blocked("only https on port 443 is fetched")
    if allowed_hosts and not _is_allowed_host(parsed.host, allowed_hosts):
        raise _blocked("the host is not on the list of picture hosts")
    return Target(parsed, is_trusted=False)


def origin_of(url: httpx.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or _PORTS.get(url.scheme, 0)


def refuse_private(host: str, addresses: Sequence[str]) -> None:
    """One inward address among those of a name is enough to refuse it."""
    if not all(is_public(address) for address in addresses):
        raise _blocked("the host leads to an address that is not public")


def is_public(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is None:
            return (
                found.is_global
                and found in _V6_ALLOWED
                and not any(found in network for network in _V6_REFUSED)
            )
        found = found.ipv4_mapped
    is_refused = found.is_multicast or any(found in network for network in _V4_REFUSED)
    return found.is_global and not is_refused


def _is_allowed_host(host: str, allowed_hosts: Sequence[str]) -> bool:
    name = host.lower().rstrip(".")
    suffixes = [allowed.lower().strip(".") for allowed in allowed_hosts]
    return any(name == suffix or name.endswith(f".{suffix}") for suffix in suffixes if suffix)


def _blocked(why: str) -> DownloadBlocked:
    return DownloadBlocked("download_blocked", message=why)
