"""Keys of courses, libraries and blocks that behave like those of opaque-keys, and their fields.

Known are `course-v1:O+C+R` with `block-v1:O+C+R+type@T+block@B`, the same of CCX and of old
libraries, each with `+branch@X` and `+version@X` or without, and `lib:O:S` with `lb:O:S:T:B`.
A model field strips branch and version when it writes, as theirs do.
"""

import re

from django.db import models

NAMES = r"[^+:@]+(?:\+[^+:@]+)+(?:\+ccx@\d+)?"
REVISIONS = r"(?:\+branch@[^+]+)?(?:\+version@[^+]+)?"
COURSE = re.compile(r"(?:course|library|ccx)-v1:" + NAMES + REVISIONS)
BLOCK = re.compile(
    r"(?P<kind>block|lib-block|ccx-block)-v1:(?P<context>" + NAMES + ")" + REVISIONS
    + r"\+type@(?P<type>[^+]+)\+block@(?P<block>.+)")
LIBRARY_BLOCK = re.compile(r"lb:(?P<context>[^:]+:[^:]+):(?P<type>[^:]+):(?P<block>.+)")
REVISION = re.compile(r"\+(branch|version)@[^+]+")
CONTEXTS = {"block": "course-v1:", "lib-block": "library-v1:", "ccx-block": "ccx-v1:"}


class InvalidKeyError(ValueError):
    """A text that is no key."""


class Key:
    """A key by its text; equal to keys of its class with the same text."""

    def __init__(self, text):
        self._text = text

    def __str__(self):
        return self._text

    def __repr__(self):
        return "%s(%r)" % (type(self).__name__, self._text)

    def __len__(self):
        return len(self._text)

    def __eq__(self, other):
        return type(self) is type(other) and str(self) == str(other)

    def __hash__(self):
        return hash(self._text)

    def plain(self):
        """This key without branch and version."""
        return type(self).from_string(REVISION.sub("", self._text))


class LearningContextKey(Key):
    """The key of a course or a library."""

    @classmethod
    def from_string(cls, text):
        if not (COURSE.fullmatch(text) or re.fullmatch(r"lib:[^:]+:[^:]+", text)):
            raise InvalidKeyError("no key of a course or library: %r" % (text,))
        return cls(text)

    @property
    def is_course(self):
        return self._text.startswith(("course-v1:", "ccx-v1:"))

    @property
    def run(self):
        parts = self.plain()._text.split("+")
        return parts[2] if len(parts) > 2 else None


class UsageKey(Key):
    """The key of a block."""

    def __init__(self, text, context, block_type):
        super().__init__(text)
        self._context = context
        self._block_type = block_type

    @classmethod
    def from_string(cls, text):
        match = BLOCK.fullmatch(text)
        prefix = CONTEXTS[match.group("kind")] if match else "lib:"
        match = match or LIBRARY_BLOCK.fullmatch(text)
        if not match:
            raise InvalidKeyError("no key of a block: %r" % (text,))
        place = text.partition("+type@")[0]
        revision = "".join(found.group(0) for found in REVISION.finditer(place))
        context = LearningContextKey(prefix + match.group("context") + revision)
        return cls(text, context, match.group("type"))

    @property
    def context_key(self):
        return self._context

    @property
    def course_key(self):
        return self._context

    @property
    def block_type(self):
        return self._block_type

    @property
    def run(self):
        return self._context.run


class _Parsed:
    """An attribute that turns text into a key when it is set."""

    def __init__(self, field):
        self._field = field

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        try:
            return instance.__dict__[self._field.attname]
        except KeyError:
            instance.refresh_from_db(fields=[self._field.attname])
            return instance.__dict__[self._field.attname]

    def __set__(self, instance, value):
        instance.__dict__[self._field.attname] = self._field.to_python(value)


class KeyField(models.CharField):
    """A column of keys."""

    key_class = Key

    def contribute_to_class(self, cls, name, *args, **kwargs):
        super().contribute_to_class(cls, name, *args, **kwargs)
        setattr(cls, name, _Parsed(self))

    def to_python(self, value):
        if value is None or isinstance(value, Key):
            return value
        return self.key_class.from_string(value)

    def get_prep_value(self, value):
        if value is None:
            return None
        return str(self.to_python(value).plain())


class LearningContextKeyField(KeyField):
    """A column of courses' and libraries' keys."""

    key_class = LearningContextKey


class UsageKeyField(KeyField):
    """A column of blocks' keys."""

    key_class = UsageKey
