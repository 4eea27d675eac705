"""Share links and their guests."""

from uuid import uuid4

from django.utils import timezone

from generations.models import Album, ShareLink, User, Viewed
from generations.services.share import Target, Terms, make_link
from generations.services.shared import admit_guest, count_view, name_guest, pick


def share_album(username: str, album_id: str, password: str = "") -> dict[str, str]:
    """A link that shows and allows everything, where two guests have picked: the addresses of its
    owner's page, of the guests' page and of the first picture there."""
    owner = User.objects.get(username=username)
    album = Album.objects.get(pk=album_id)
    shown = {"shows_prompts": True, "shows_cost": True, "shows_creator": True}
    terms = Terms("For Gus and Ann", allows_download=True, allows_picks=True, **shown)
    key = uuid4()
    token = make_link(owner, Target(album), key=key, days=30, terms=terms, password=password)
    link = ShareLink.objects.get(pk=key)
    images = list(album.album_images.order_by("position").values_list("image", flat=True)[:3])
    for name, picked in {"Gus": images[:2], "": images}.items():
        guest, _ = admit_guest(link, "")
        name_guest(guest, name)
        for image in picked:
            pick(guest, image, is_on=True)
    for what in Viewed:
        count_view(link, what)
    home = f"/s/{token}/"
    return {"share": f"/shares/{key}/", "shared": home, "shared_picture": f"{home}{images[0]}/"}


def expire_links(username: str) -> int:
    """The links of this person have ended a moment ago; how many."""
    return ShareLink.objects.filter(creator__username=username).update(expires_at=timezone.now())
