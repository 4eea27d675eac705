from django.db import models

from generations.models.generation import Attempt


class AnswerCopy(models.Model):
    """A whole answer that is paid and not yet stored, should its host's disk be lost."""

    attempt = models.OneToOneField(
        Attempt, models.CASCADE, primary_key=True, related_name="answer_copy"
    )
    content = models.BinaryField()

    class Meta:
        verbose_name_plural = "answer copies"

    def __str__(self) -> str:
        return str(self.attempt_id)
