"""What nobody needs any more is forgotten once a day."""

from generations import sealed, throttle
from generations.models import SecondFactor
from generations.models.second_factor import whose_secret
from generations.pipeline import erasure
from generations.pipeline.housekeeping import guarded
from generations.sessions import SessionStore
from generations.transactions import writing


def forget_old() -> None:
    """Sign-ins that are over, tries of long ago, what came late for who is gone, and earlier secret
    keys. May run twice."""
    for step in (SessionStore.clear_expired, throttle.forget_old, erasure.look_again, seal_anew):
        guarded(step)


def seal_anew() -> None:
    """What an earlier key sealed, with the present one: then the earlier can be taken away."""
    for factor in SecondFactor.objects.iterator():
        whose = whose_secret(factor.pk)
        try:
            secret = sealed.unseal(factor.secret, whose=whose)
        except sealed.Unreadable:
            continue  # its person has recovery codes
        if sealed.is_of_earlier_key(factor.secret):
            anew = sealed.seal(secret, whose=whose)
            with writing():
                same = SecondFactor.objects.filter(pk=factor.pk, secret=factor.secret)
                same.update(secret=anew)
