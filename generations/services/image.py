from django.db.models.functions import Now

from generations.models import Image
from generations.transactions import writing


def trash_image(image: Image) -> None:
    """Out of the gallery at once; its bytes go thirty days later. May run twice."""
    with writing():
        Image.objects.filter(pk=image.pk, trashed_at=None).update(trashed_at=Now())
