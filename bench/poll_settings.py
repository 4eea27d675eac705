from meshgallery.settings import *  # noqa: F403

ROOT_URLCONF = "bench.poll_urls"
