"""The server goes and comes back, and nobody has to do anything about it."""

import os
import signal

import pytest

from tests.browser.visitor import Visitor
from tests.support.stack import Stack

pytestmark = [pytest.mark.browser, pytest.mark.stack]

AWAY = (
    r"net::ERR_",
    r"htmx:(sendError|afterRequest)",
)  # what the browser says while nobody answers


def test_polling_page_goes_on_by_itself_when_the_web_server_restarts(
    visitor: Visitor, stack: Stack
) -> None:
    visitor.page.evaluate("window.stayed = 'the same page'")
    generation = visitor.submit("a patient fox [[slow=3]][[fixture=60kB]]", n=2)
    with visitor.expecting(*AWAY):
        web = stack.child("manage.py web")
        os.killpg(web.pid, signal.SIGKILL)
        visitor.wait_for_pictures(generation, n=2)
    stack.wait_for_output("web ended by itself")
    assert visitor.page.evaluate("window.stayed") == "the same page"


def test_everything_is_there_after_a_restart(visitor: Visitor, stack: Stack) -> None:
    generation = visitor.submit("a fox that stays [[fixture=60kB]]", n=2)
    images = visitor.wait_for_pictures(generation, n=2)
    before = visitor.places()
    with visitor.expecting(*AWAY):  # the open page may ask for something meanwhile
        assert stack.stop() == 0
        stack.launch()
        stack.wait_until_ready()
        page = visitor.open()  # the same cookies: nobody signs in again
    assert page.url == f"{stack.url}/"
    assert visitor.places() == before
    assert visitor.wait_for_pictures(generation, n=2) == images
