"""The model of a learner's completion of a block, and the manager that writers go through."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.timezone import now

from . import tracking, waffle
from .keys import LearningContextKeyField, UsageKeyField

BLOCK_COMPLETION_CHANGED_EVENT_TYPE = "edx.completion.block_completion.changed"


def validate_percent(value):
    """Refuses what is no fraction between 0 and 1."""
    if value is None or not 0.0 <= value <= 1.0:
        raise ValidationError("%s must be between 0.0 and 1.0" % value)


class ModifiedField(models.DateTimeField):
    """The time of the last save; of the first one, what was set on purpose, else `created`."""

    def pre_save(self, model_instance, add):
        value = now()
        if add:
            value = getattr(model_instance, self.attname) or model_instance.created
        setattr(model_instance, self.attname, value)
        return value


class BlockCompletionManager(models.Manager):
    """Writes completions: one, several in one transaction, and none any more for a course."""

    def submit_completion(self, user, block_key, completion):
        """Stores a new or changed value; answers the object and whether it is new."""
        if not waffle.ENABLE_COMPLETION_TRACKING_SWITCH.is_enabled():
            raise RuntimeError(
                "BlockCompletion.objects.submit_completion should not be called when the feature"
                " is disabled.")
        row = self._identity(user, block_key)
        first = {"completion": completion, "block_type": block_key.block_type}
        try:
            with transaction.atomic():
                found, is_new = self.get_or_create(defaults=first, **row)
        except IntegrityError:
            found, is_new = self.get(**row), False
        if not is_new and found.completion != completion:
            found.completion = completion
            found.full_clean()
            found.save(update_fields={"completion", "modified"})
        found.emit_tracking_log()
        return found, is_new

    @transaction.atomic()
    def submit_batch_completion(self, user, blocks):
        """Stores every (block key, value); answers for each object whether it is new."""
        submitted = {}
        for block, completion in blocks:
            stored, is_new = self.submit_completion(user, block, completion)
            submitted[stored] = is_new
        return submitted

    @transaction.atomic()
    def clear_learning_context_completion(self, user, context_key):
        """Deletes the user's rows of a course; answers how many there were."""
        deleted, _ = BlockCompletion.objects.filter(user=user, context_key=context_key).delete()
        return deleted

    @staticmethod
    def _identity(user, block_key):
        try:
            context = block_key.context_key
            block_key.block_type
        except AttributeError as error:
            raise ValueError("block_key must be a usage key, not %s" % type(block_key)) from error
        if context.is_course and context.run is None:
            raise ValueError("block_key %s lacks its course's run" % block_key)
        return {"user": user, "context_key": context, "block_key": block_key}


class BlockCompletion(models.Model):
    """How much of a block a learner has done."""

    created = models.DateTimeField(default=now, editable=False)
    modified = ModifiedField(null=False, editable=False, default=None)
    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE,
                             db_constraint=settings.COMPLETION_USER_KEY)
    context_key = LearningContextKeyField(max_length=255, db_column="course_key")
    block_key = UsageKeyField(max_length=255)
    block_type = models.CharField(max_length=64)
    completion = models.FloatField(validators=[validate_percent])

    objects = BlockCompletionManager()

    class Meta:
        app_label = "completion"
        get_latest_by = "modified"
        unique_together = [("context_key", "block_key", "user")]
        indexes = [
            models.Index(fields=("context_key", "block_type", "user")),
            models.Index(fields=("user", "context_key", "modified")),
        ]

    def emit_tracking_log(self):
        """Tells the tracking log of this row's values."""
        tracking.emit(BLOCK_COMPLETION_CHANGED_EVENT_TYPE, {
            "user_id": self.user.id,
            "course_id": str(self.context_key),
            "block_id": str(self.block_key),
            "block_type": self.block_type,
            "completion": self.completion,
            "modified": self.modified,
            "created": self.created,
        })
