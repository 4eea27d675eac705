"""Where a request comes from, as far as that can be known."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def network_of(request: HttpRequest) -> str:
    """The address that reached the outermost proxy of ours; of IPv6 the half that names a line.

    Anybody may write X-Forwarded-For: only as many of its last entries count as we have proxies.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    told = [each.strip() for each in request.headers.get("X-Forwarded-For", "").split(",")]
    path = [*filter(None, told), peer]
    depth = min(settings.TRUSTED_PROXIES, len(path) - 1)
    return _network(path[-1 - depth]) or _network(peer)


def _network(text: str) -> str:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((int(address), 64), strict=False))
