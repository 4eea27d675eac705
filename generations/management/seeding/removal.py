"""Takes away what seeding made, and nothing else."""

from django.db.models import QuerySet

from generations import storage
from generations.management.seeding import vocabulary
from generations.management.seeding.people import SEED_NAME
from generations.management.seeding.rows import TOKEN
from generations.management.seeding.sorting import MARK
from generations.management.seeding.vocabulary import words
from generations.models import Album, Attempt, Generation, Image, LedgerEntry, Tag, User
from generations.models.image import SEED_PREFIX
from generations.transactions import writing

BATCH = 2000


def seeded() -> QuerySet[Generation]:
    return Generation.objects.filter(imported_at__isnull=False, submit_token__startswith=TOKEN)


def remove_all() -> int:
    """How many pictures there were. Safe to run again where it was cut off."""
    removed = 0
    while generations := list(seeded().values_list("pk", flat=True)[:BATCH]):
        with writing():
            removed += Image.objects.filter(generation__in=generations).count()
            Image.objects.filter(generation__in=generations).delete()
            LedgerEntry.objects.filter(attempt__generation__in=generations).delete()
            Attempt.objects.filter(generation__in=generations).delete()
            Generation.objects.filter(pk__in=generations).delete()
    _remove_empty()
    store = storage.get_store()
    for key in list(store.keys(SEED_PREFIX)):
        store.delete(key)
    return removed


def _remove_empty() -> None:
    """Our albums, tags and people that nobody has put anything of their own to."""
    Album.objects.filter(description=MARK, album_images=None).delete()
    Tag.objects.filter(name__in=words(vocabulary.TAGS), image_tags=None).delete()
    people = User.objects.filter(username__startswith=SEED_NAME, generations=None, albums=None)
    unused = [user.pk for user in people if not user.has_usable_password()]
    User.objects.filter(pk__in=unused).delete()
