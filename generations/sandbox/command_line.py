"""The options of the sandbox, wherever it is started from."""

from argparse import ArgumentParser

from generations.sandbox import server

HOST = "127.0.0.1"
PORT = 8100


def add_options(parser: ArgumentParser) -> None:
    parser.add_argument("--host", default=HOST, help=f"where to listen ({HOST})")
    parser.add_argument("--port", type=int, default=PORT, help=f"0 takes a free one ({PORT})")
    parser.add_argument(
        "--speed",
        type=float,
        default=1.0,
        help="1 takes the seconds a model takes, 10 a tenth of them, 0 as few as possible (1)",
    )


def main(arguments: list[str] | None = None) -> None:
    parser = ArgumentParser(prog="sandbox", description="A little Mesh API that runs alone.")
    add_options(parser)
    chosen = parser.parse_args(arguments)
    server.run(host=chosen.host, port=chosen.port, speed=chosen.speed)
