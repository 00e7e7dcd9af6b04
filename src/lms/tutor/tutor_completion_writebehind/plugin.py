"""The plugin: its settings, tasks, templates and patches, handed to Tutor's hooks."""

from pathlib import Path

import click
import jinja2
from tutor import hooks

from . import __version__
from .site import HOST, PREFIX, Site, command, compose_text

ROOT = Path(__file__).parent
TEMPLATES = ROOT / "templates"
PATCHES = ROOT / "patches"
# In this order: each needs what the one before it left.
TASKS = (
    ("mysql", "account"),
    (HOST, "migrate"),
    ("mysql", "grants"),
    (HOST, "check"),
    ("lms", "adapter"),
)

UNIQUE = {
    "TOKEN": "{{ 32|random_string }}",
    "MANAGEMENT_TOKEN": "{{ 32|random_string }}",
    "MYSQL_PASSWORD": "{{ 24|random_string }}",
}
DEFAULTS = {
    "VERSION": __version__,
    "DOCKER_IMAGE": "completion-writebehind:{{ COMPLETION_WRITEBEHIND_VERSION }}",
    "LMS_REQUIREMENT": "completion-writebehind-lms=={{ COMPLETION_WRITEBEHIND_VERSION }}",
    "MODE": "off",
    "MOBILE": False,
    "ANNOUNCE": False,
    "DRAIN": False,
    "FLUSH_INTERVAL": "250ms",
    "SETTINGS": {},
    "IN_TRANSACTION": "direct",
    "ANNOUNCERS": 1,
    "ANNOUNCE_BATCH": 500,
    "OPAQUE_TOKENS": False,
    "MEMORY": 2048,
    "JOURNAL_SIZE": "10Gi",
    "MYSQL_USERNAME": "writebehind",
    "MYSQL_TLS": "preferred",
    "SHADOW_DATABASE": "completion_writebehind_shadow",
}

hooks.Filters.CONFIG_UNIQUE.add_items(
    [(PREFIX + name, value) for name, value in UNIQUE.items()]
)
hooks.Filters.CONFIG_DEFAULTS.add_items(
    [(PREFIX + name, value) for name, value in DEFAULTS.items()]
)
hooks.Filters.ENV_TEMPLATE_ROOTS.add_item(str(TEMPLATES))
hooks.Filters.ENV_TEMPLATE_TARGETS.add_item(("completion_writebehind/apps", "plugins"))
hooks.Filters.ENV_PATCHES.add_items(
    [(path.name, path.read_text(encoding="utf-8")) for path in sorted(PATCHES.iterdir())]
)


@jinja2.pass_context
def _site(context):
    return Site.of(context)


hooks.Filters.ENV_TEMPLATE_VARIABLES.add_items(
    [
        ("completion_writebehind", _site),
        ("completion_writebehind_text", compose_text),
    ]
)


@hooks.Actions.CONFIG_LOADED.add()
def _refuse_wrong_settings(config):
    try:
        Site.of(config)
    except ValueError as e:
        raise click.ClickException(str(e)) from e


for _service, _task in TASKS:
    _script = TEMPLATES / "completion_writebehind" / "tasks" / f"{_task}.sh"
    hooks.Filters.CLI_DO_INIT_TASKS.add_item((_service, _script.read_text(encoding="utf-8")))


@click.command(
    name="writebehind",
    context_settings={"ignore_unknown_options": True},
    help="Run a command of completion-writebehind on the database: check, compare, migrate,"
    " purge-orphans or undo, with its options",
)
@click.argument("arguments", nargs=-1, required=True, type=click.UNPROCESSED)
def _command(arguments):
    yield (HOST, "{% raw %}" + command(arguments) + "{% endraw %}")


hooks.Filters.CLI_DO_COMMANDS.add_item(_command)
