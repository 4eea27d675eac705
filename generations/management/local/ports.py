"""Ports on this machine."""

import errno
import random
import socket

# Below Linux's range for outgoing connections (32768 and up): a server that is started again on
# its old port finds it free. SeaweedFS also takes port + 10000.
OUR_PORTS = range(20_000, 30_000)


def why_not(host: str, port: int) -> str:
    """Why one can't listen there, as a sentence. Empty when one can."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except socket.gaierror:
            return f"HOST: “{host}” can't be found."
        except OSError as error:
            return bind_trouble(host, port, error)
    return ""


def bind_trouble(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is taken: stop what listens there, or set PORT to another."
    if error.errno == errno.EADDRNOTAVAIL:
        return f"HOST: {host} is not an address of this machine."
    if error.errno == errno.EACCES:
        return f"Port {port} needs more rights than you have: set PORT to one above 1023."
    return f"Can't listen on {host}:{port}: {error.strerror}."


def free_port() -> int:
    """A port on loopback that nothing listens on now."""
    for port in random.sample(OUR_PORTS, 200):  # a guess at a free port, not a secret
        if not why_not("127.0.0.1", port):
            return port
    raise OSError(errno.EADDRINUSE, "no free port on loopback")


def answers(host: str, port: int) -> bool:
    with socket.socket() as caller:
        caller.settimeout(0.5)
        return caller.connect_ex((host, port)) == 0
