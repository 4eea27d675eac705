from typing import Any, NoReturn

from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadhandler import FileUploadHandler


class UploadRefused(SuspiciousOperation):
    """A file came where none is asked for."""


class NoFiles(FileUploadHandler):
    """No form takes files: not a byte of one is kept, in memory or on disk."""

    def new_file(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise UploadRefused("a file was sent")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
