"""Templates, recent prompts, and the forms that use them."""

from collections.abc import Callable

import pytest
from django.test import Client

from generations.models import (
    CatalogModel,
    Generation,
    Membership,
    PromptTemplate,
    Role,
    User,
)
from generations.models.generation import new_submit_token
from generations.services.team import create_team

pytestmark = [pytest.mark.db]

TEXT = "a {season: spring | autumn} morning in {place}"
Submit = Callable[..., Generation]


@pytest.fixture
def template(alice: User) -> PromptTemplate:
    return PromptTemplate.objects.create(owner=alice, name="Mornings", text=TEXT)


def test_template_is_saved_listed_changed_and_deleted(as_alice: Client, alice: User) -> None:
    fields = {"name": "Mornings", "text": TEXT}
    assert as_alice.post("/prompts/", fields).headers["Location"] == "/prompts/"
    made = PromptTemplate.objects.get()
    assert (made.owner, made.name, made.text) == (alice, "Mornings", TEXT)
    assert "Mornings" in as_alice.get("/prompts/").content.decode()
    as_alice.post(f"/prompts/{made.pk}/edit/", {"name": "Evenings", "text": "an evening"})
    made.refresh_from_db()
    assert (made.name, made.text) == ("Evenings", "an evening")
    assert as_alice.post(f"/prompts/{made.pk}/delete/").status_code == 303
    assert not PromptTemplate.objects.exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": "", "text": "x"}, "This field is required."),
        ({"name": "mornings", "text": "x"}, "You have a template of this name already."),
        ({"name": "b", "text": "x" * 4001}, "at most 4000 characters"),
        ({"name": "b", "text": "\u200b"}, "Write a prompt."),
        (
            {"name": "b", "text": " ".join(f"{{slot {n}}}" for n in range(11))},
            "A template has 10 slots at most.",
        ),
    ],
)
def test_template_that_cannot_be_kept_says_why(
    as_alice: Client, template: PromptTemplate, fields: dict[str, str], sentence: str
) -> None:
    response = as_alice.post("/prompts/", fields)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert PromptTemplate.objects.count() == 1


def test_using_a_template_fills_the_form(
    as_alice: Client, template: PromptTemplate, painter: CatalogModel
) -> None:
    page = as_alice.get(f"/prompts/{template.pk}/").content.decode()
    assert 'name="slot_0"' in page
    assert "autumn" in page
    filled = {"slot_0": "autumn", "slot_1": "Oslo"}
    front = as_alice.post(f"/prompts/{template.pk}/", filled)
    assert front.context["form"]["prompt"].value() == "a autumn morning in Oslo"
    fragment = as_alice.post(f"/prompts/{template.pk}/", filled, headers={"HX-Request": "true"})
    assert "a autumn morning in Oslo</p>" in fragment.content.decode()
    wrong = as_alice.post(f"/prompts/{template.pk}/", {"slot_0": "winter", "slot_1": ""})
    assert wrong.status_code == 422


def test_template_without_slots_needs_no_questions(
    as_alice: Client, alice: User, painter: CatalogModel
) -> None:
    plain = PromptTemplate.objects.create(owner=alice, name="Plain", text="a fox {{here}}")
    front = as_alice.get(f"/prompts/{plain.pk}/")
    assert front.context["form"]["prompt"].value() == "a fox {here}"


def test_generation_remembers_its_template(
    as_alice: Client, bob: User, template: PromptTemplate, painter: CatalogModel
) -> None:
    foreign = PromptTemplate.objects.create(owner=bob, name="Bob's", text="x")
    for wanted, remembered in ((template.pk, template), (foreign.pk, None), ("x", None)):
        fields = {"prompt": "p", "submit_token": new_submit_token(), "template": str(wanted)}
        response = as_alice.post("/generations/", fields)
        if wanted == "x":
            assert response.status_code == 422
            continue
        made = Generation.objects.order_by("-created_at")[0]
        assert made.template == remembered


def test_history_is_newest_first_and_each_wording_once(
    as_alice: Client, alice: User, bob: User, submit: Submit
) -> None:
    for prompt in ("one", "two", "one", "three"):
        submit(alice, prompt=prompt)
    submit(bob, prompt="bob's")
    assert as_alice.get("/prompts/history/").json() == {"prompts": ["three", "one", "two"]}
    assert as_alice.get("/prompts/history/").headers["Cache-Control"] == "private, no-store"
    recent = as_alice.get("/prompts/").context["recent"]
    assert [row.prompt for row in recent] == ["three", "one", "two"]


def test_templates_of_others_look_like_missing(as_carol: Client, template: PromptTemplate) -> None:
    for path in ("", "edit/", "delete/"):
        for method in (as_carol.get, as_carol.post):
            if path == "delete/" and method == as_carol.get:
                continue
            assert method(f"/prompts/{template.pk}/{path}").status_code == 404
    assert "Mornings" not in as_carol.get("/prompts/").content.decode()
    template.refresh_from_db()


def test_keys_are_listed_on_a_page(as_alice: Client, client: Client) -> None:
    assert "To the trash, with undo" in as_alice.get("/keys/").content.decode()
    fragment = as_alice.get("/keys/", headers={"X-Fragment": "1"}).content.decode()
    assert "<html" not in fragment


def test_a_changed_text_is_a_new_version_and_pictures_keep_theirs(
    as_alice: Client, alice: User, submit: Submit, template: PromptTemplate
) -> None:
    before = submit(alice, template=template)
    address = f"/prompts/{template.pk}/edit/"
    as_alice.post(address, {"name": "Dawns", "text": TEXT})
    as_alice.post(address, {"name": "Dawns", "text": "a dawn in {place}"})
    template.refresh_from_db()
    after = submit(alice, template=template)
    assert (before.template_version, after.template_version) == (1, 2)
    versions = template.versions.order_by("number").values_list("number", "text")
    assert list(versions) == [(1, TEXT), (2, "a dawn in {place}")]
    page = as_alice.get(address).content.decode()
    assert "Version 1" in page
    assert "Version 2" in page


def test_picture_names_the_version_that_filled_the_form(
    as_alice: Client, template: PromptTemplate, painter: CatalogModel
) -> None:
    address = f"/prompts/{template.pk}/"
    filled = as_alice.post(address, {"slot_0": "autumn", "slot_1": "Oslo"})
    hidden = filled.context["form"]["template"].value()
    fragment = as_alice.post(
        address, {"slot_0": "autumn", "slot_1": "Oslo"}, headers={"HX-Request": "true"}
    )
    assert f'data-template="{hidden}"' in fragment.content.decode()
    as_alice.post(f"{address}edit/", {"name": "Dawns", "text": "a dawn in {place}"})
    for told, kept in ((hidden, 1), (f"{template.pk}.99", 2), (str(template.pk), 2)):
        fields = {"prompt": "p", "submit_token": new_submit_token(), "template": told}
        as_alice.post("/generations/", fields)
        assert Generation.objects.order_by("-created_at")[0].template_version == kept


def test_answers_for_an_older_version_fall_into_no_other_slot_unseen(
    as_alice: Client, template: PromptTemplate, painter: CatalogModel
) -> None:
    """A colleague changes the order of a team's template while it is filled in."""
    address = f"/prompts/{template.pk}/"
    assert 'name="version" value="1"' in as_alice.get(address).content.decode()
    as_alice.post(f"{address}edit/", {"name": "D", "text": "{place}, a {season: spring} morning"})
    stale = as_alice.post(address, {"slot_0": "spring", "slot_1": "spring", "version": "1"})
    assert stale.status_code == 422
    assert "The template was changed in the meantime" in stale.content.decode()
    assert 'name="version" value="2"' in stale.content.decode()
    right = {"slot_0": "Oslo", "slot_1": "spring", "version": "2"}
    assert as_alice.post(address, right).status_code == 200


def test_a_team_s_template_is_used_by_all_and_changed_by_its_author_and_curators(
    as_alice: Client, alice: User, bob: User, carol: User
) -> None:
    team = create_team(alice, name="Night shift")
    people = {}
    for user, role in ((bob, Role.CONTRIBUTOR), (carol, Role.VIEWER)):
        Membership.objects.create(team=team, user=user, role=role)
        people[role] = Client()
        people[role].force_login(user)
    made = as_alice.post("/prompts/", {"name": "Mornings", "text": TEXT, "team": "night-shift"})
    assert made.status_code == 303
    template = PromptTemplate.objects.get(team=team)
    edit, use = f"/prompts/{template.pk}/edit/", f"/prompts/{template.pk}/"
    assert [each.get(use).status_code for each in people.values()] == [200, 200]
    assert [each.get(edit).status_code for each in people.values()] == [403, 403]
    refused = people[Role.VIEWER].post("/prompts/", {"name": "b", "text": "x", "team": team.slug})
    assert (refused.status_code, PromptTemplate.objects.count()) == (422, 1)


def test_a_number_is_asked_for_as_a_number(as_alice: Client, alice: User) -> None:
    text = "{boats: number} boats"
    template = PromptTemplate.objects.create(owner=alice, name="Fleet", text=text)
    wrong = as_alice.post(f"/prompts/{template.pk}/", {"slot_0": "many"})
    assert "Write a whole number." in wrong.content.decode()
    right = as_alice.post(f"/prompts/{template.pk}/", {"slot_0": "3"})
    assert right.context["form"].initial["prompt"] == "3 boats"
