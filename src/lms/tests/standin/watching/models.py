"""What the aggregating plugin keeps."""

from django.db import models


class Stale(models.Model):
    """A learner whose sums are out of date."""

    id = models.BigAutoField(primary_key=True)
    user_id = models.IntegerField()
    resolved = models.BooleanField(default=False)


class Sums(models.Model):
    """A learner's sums: how many rows, and their completions together."""

    user_id = models.IntegerField(primary_key=True)
    count = models.IntegerField()
    total = models.FloatField()
