"""What the strict policy and the house style ask of templates, styles and scripts."""

import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import get_template

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())
STYLES = sorted((ROOT / "static/css").glob("*.css"))
SCRIPTS = sorted((ROOT / "static/js").glob("*.js"))
PAGES = [path for path in TEMPLATES if path.suffix == ".html"]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_template_compiles(path: Path) -> None:
    assert get_template(str(path.relative_to(ROOT / "templates")))


@pytest.mark.parametrize("fragment", ["composer", "options", "page", "submitted"])
def test_gallery_has_the_fragments_that_views_ask_for(fragment: str) -> None:
    assert get_template(f"gallery/index.html#{fragment}")


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_nothing_inline(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"<style\b", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"\s(style|on[a-z]+|hx-on[:\w-]*)\s*=", text)
    assert not re.search(r"javascript:|hx-vals=['\"]js:", text)


@pytest.mark.parametrize("path", [*PAGES, *STYLES, *SCRIPTS], ids=name_of)
def test_nothing_is_loaded_from_elsewhere(path: Path) -> None:
    text = path.read_text().replace("http://www.w3.org/2000/svg", "")
    assert not re.search(r"(?:https?:)?//[\w-]+\.[\w.-]+", text)


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_static_files_exist(path: Path) -> None:
    text = path.read_text()
    named = re.findall(r"{% static '([^']+)' %}", text)
    named += re.findall(r'(?:href|src)="/static/([^"]+)"', text)
    assert [name for name in named if not finders.find(name)] == []


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_every_posting_form_carries_the_token(path: Path) -> None:
    forms = re.findall(r"<form\b[^>]*method=\"post\".*?</form>", path.read_text(), re.DOTALL)
    assert all("{% csrf_token %}" in form for form in forms)


def test_page_for_our_own_faults_needs_no_context() -> None:
    text = (ROOT / "templates/500.html").read_text()
    assert "{%" not in text
    assert "{{" not in text


def test_htmx_is_configured_for_the_strict_policy() -> None:
    text = (ROOT / "templates/base.html").read_text()
    found = re.search(r"name=\"htmx-config\" content='([^']+)'", text)
    assert found
    config = json.loads(found[1])
    assert config["allowEval"] is False
    assert config["allowScriptTags"] is False
    assert config["selfRequestsOnly"] is True
    assert config["includeIndicatorStyles"] is False
    assert config["historyCacheSize"] == 0
    handling = {rule["code"]: rule["swap"] for rule in config["responseHandling"]}
    assert handling == {"204": False, "[23]..": True, "422": True, "[45]..": False}


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_script_is_one_small_custom_element(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) < 150
    elements = [] if "\nexport function " in text else [path.stem]  # what others import has none
    assert re.findall(r"customElements\.define\(\"([\w-]+)\"", text) == elements
    forbidden = r"\beval\(|new Function|innerHTML|insertAdjacentHTML|setAttribute\(\"style\""
    assert not re.search(forbidden, text)


@pytest.mark.parametrize("path", STYLES, ids=name_of)
def test_styles_live_in_the_declared_layers(path: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    layer = r"@layer (tokens|base|layout|components|pages)\s*\{.*\}"
    outside = re.sub(layer, "", text, flags=re.DOTALL).strip()
    order = "@layer tokens, base, layout, components, pages;"
    assert outside == (order if path.name == "tokens.css" else "")


@pytest.mark.parametrize("path", [p for p in STYLES if p.name != "tokens.css"], ids=name_of)
def test_styles_take_colours_from_tokens_that_exist(path: Path) -> None:
    known = set(re.findall(r"(--[\w-]+):", (ROOT / "static/css/tokens.css").read_text())) | {"--a"}
    text = path.read_text()
    assert set(re.findall(r"var\((--[\w-]+)", text)) <= known
    assert re.findall(r"(?<![\w%])#[0-9a-f]{3,8}\b|\brgb|\bhsl", text) == []
