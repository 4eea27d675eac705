"""Somebody who asks: a person, or nobody yet."""

from django.contrib.auth.models import AnonymousUser

from generations.models import User

Actor = User | AnonymousUser
