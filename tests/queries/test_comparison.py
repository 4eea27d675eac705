"""Two pictures beside each other, and which ones are offered for it."""

import pytest

from generations.models import Generation, Image, User
from generations.queries.comparison import comparison_of, partners_for
from generations.queries.family import belongings_of, relatives_of
from tests.conftest import Hang

pytestmark = [pytest.mark.db, pytest.mark.django_db]


def reading(image: Image) -> Image:
    return Image.objects.select_related("generation", "attempt__generation").get(pk=image.pk)


def test_only_what_differs_is_marked(alice: User, hang: Hang) -> None:
    one = reading(hang(alice, "a fox in the snow", quality="high"))
    other = reading(hang(alice, "a fox in the rain", size=(1024, 1024)))
    found = comparison_of(one, other, alice)
    marked = {fact.label for fact in found.facts if fact.differs}
    assert marked == {"Size"}
    assert {fact.label for fact in found.facts} >= {"Model", "Size", "File", "Price"}
    assert [(part.op, part.text) for part in found.prompts or ()] == [
        ("same", "a fox in the"),
        ("dropped", "snow"),
        ("added", "rain"),
    ]
    assert found.revised is None


def test_a_detail_that_one_lacks_is_a_difference(alice: User, hang: Hang) -> None:
    one, other = hang(alice), hang(alice)
    Generation.objects.filter(pk=one.generation_id).update(parameters={"seed": 7})
    facts = {fact.label: fact for fact in comparison_of(reading(one), reading(other), alice).facts}
    assert (facts["Seed"].a, facts["Seed"].b, facts["Seed"].differs) == ("7", "", True)


def test_relatives_are_run_parent_and_children(alice: User, hang: Hang) -> None:
    first, stranger, again, twin = (hang(alice, name) for name in ("a", "b", "c", "d"))
    for child in (again, twin):
        Generation.objects.filter(pk=child.generation_id).update(parent=first.generation_id)
    for image in (first, again, twin):
        shown = relatives_of(reading(image), alice)
        assert {each.id for each in shown} == {first.pk, again.pk, twin.pk}
        assert [each.id for each in shown if each.is_current] == [image.pk]
    assert relatives_of(reading(stranger), alice) == []


def test_relatives_come_first_among_partners(alice: User, carol: User, hang: Hang) -> None:
    first, stranger, again = (hang(alice, name) for name in ("a", "b", "c"))
    hang(carol, "hers")
    Generation.objects.filter(pk=again.generation_id).update(parent=first.generation_id)
    found = [each.id for each in partners_for(reading(first), alice)]
    assert found == [again.pk, stranger.pk]


def test_belongings_are_ones_own(alice: User, carol: User, hang: Hang) -> None:
    image = reading(hang(alice))
    for owner, name in ((alice, "mine"), (carol, "hers")):
        tag = owner.tags.create(name=name)
        tag.image_tags.create(image=image, sort_key=image.sort_key)
        album = owner.albums.create(name=name)
        album.album_images.create(image=image, position=1, sort_key=image.sort_key)
    found = belongings_of(image, alice)
    assert [link.text for link in (*found.tags, *found.albums)] == ["mine", "mine"]
    assert found.tags[0].url == f"/?tag={alice.tags.get().pk}"
    assert not found.is_favorite
