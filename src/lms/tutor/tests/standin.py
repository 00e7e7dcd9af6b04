"""As much of Tutor as the plugin meets: names of hooks and patches, and an environment.

Names, filters and functions are those of Tutor 21.0.8: tutor/hooks/catalog.py, tutor/env.py and
docs/reference/patches.
"""

import base64
import functools
import importlib
import json
import os
import sys
import types
import unittest
from pathlib import Path

try:
    import click  # noqa: F401
    import jinja2
    import yaml
except ImportError as e:
    raise unittest.SkipTest(f"needs python3-click, python3-jinja2 and python3-yaml: {e}") from e

HERE = Path(__file__).resolve().parent
PLUGIN = HERE.parent
PROJECT = PLUGIN.parent.parent.parent

FILTERS = {
    "CLI_DO_COMMANDS",
    "CLI_DO_INIT_TASKS",
    "CONFIG_DEFAULTS",
    "CONFIG_UNIQUE",
    "ENV_PATCHES",
    "ENV_TEMPLATE_FILTERS",
    "ENV_TEMPLATE_ROOTS",
    "ENV_TEMPLATE_TARGETS",
    "ENV_TEMPLATE_VARIABLES",
}
ACTIONS = {"CONFIG_LOADED"}
PATCHES = {
    "caddyfile-lms",
    "k8s-deployments",
    "k8s-jobs",
    "k8s-services",
    "k8s-volumes",
    "kustomization-configmapgenerator",
    "local-docker-compose-dev-services",
    "local-docker-compose-jobs-services",
    "local-docker-compose-permissions-command",
    "local-docker-compose-permissions-volumes",
    "local-docker-compose-services",
    "openedx-dockerfile-post-python-requirements",
    "openedx-lms-common-settings",
}
TUTORS_SETTINGS = {
    "DOCKER_IMAGE_OPENEDX": "docker.io/overhangio/openedx:21.0.8",
    "JWT_COMMON_AUDIENCE": "openedx",
    "JWT_COMMON_ISSUER": "https://lms.example.org/oauth2",
    "JWT_COMMON_SECRET_KEY": "a-secret-of-the-LMS-alone",
    "JWT_RSA_PRIVATE_KEY": "the private key",
    "MOUNTS": [],
    "MYSQL_HOST": "mysql",
    "MYSQL_PORT": 3306,
    "MYSQL_ROOT_PASSWORD": "root's password",
    "MYSQL_ROOT_USERNAME": "root",
    "OPENEDX_MYSQL_DATABASE": "openedx",
    "OPENEDX_MYSQL_PASSWORD": "lms-password",
    "OPENEDX_MYSQL_USERNAME": "openedx",
    "RUN_MYSQL": True,
}

# Where Tutor's templates put the patches, with their indentation.
HOSTS = {
    "services": """
services:
  mysql: {image: mysql}
  lms: {image: openedx}

  {{ patch("local-docker-compose-services")|indent(2) }}
""",
    "permissions": """
volumes:
      - ../../data/lms:/mounts/lms:z
      {{ patch("local-docker-compose-permissions-volumes")|indent(6) }}
""",
    "dev": """
x-openedx-service:
  &openedx-service
  image: openedx-dev

services:
  {{ patch("local-docker-compose-dev-services")|indent(2) }}
""",
    "jobs": """
services:

    mysql-job: {image: mysql}
    {{ patch("local-docker-compose-jobs-services")|indent(4) }}
""",
    "configmaps": """
configMapGenerator:
{{ patch("kustomization-configmapgenerator") }}
""",
    "caddy": """
lms.example.org:80 {
    reverse_proxy lms:8000

    {{ patch("caddyfile-lms")|indent(4) }}
}
""",
}


class _Filter:
    def __init__(self):
        self.items = []

    def add_item(self, item):
        self.items.append(item)

    def add_items(self, items):
        self.items.extend(items)


class _Action:
    def __init__(self):
        self.callbacks = []

    def add(self):
        return lambda callback: self.callbacks.append(callback) or callback


def load_plugin():
    """Returns the hooks after the plugin was imported, as Tutor imports one that is enabled."""
    hooks = types.ModuleType("tutor.hooks")
    hooks.Filters = types.SimpleNamespace(**{name: _Filter() for name in FILTERS})
    hooks.Actions = types.SimpleNamespace(**{name: _Action() for name in ACTIONS})
    tutor = types.ModuleType("tutor")
    tutor.hooks = hooks
    sys.modules.update({"tutor": tutor, "tutor.hooks": hooks})
    if str(PLUGIN) not in sys.path:
        sys.path.insert(0, str(PLUGIN))
    for name in [each for each in sys.modules if each.startswith("tutor_completion_writebehind")]:
        del sys.modules[name]
    importlib.import_module("tutor_completion_writebehind.plugin")
    return hooks


class Site:
    """A site that Tutor installed with the plugin and these settings, rendered."""

    def __init__(self, **settings):
        self.hooks = load_plugin()
        self.config = dict(TUTORS_SETTINGS)
        self._environment = self._new_environment()
        filters = self.hooks.Filters
        for name, value in filters.CONFIG_UNIQUE.items + filters.CONFIG_DEFAULTS.items:
            self.config[name] = value
        for name, value in settings.items():
            prefixed = "COMPLETION_WRITEBEHIND_" + name
            self.config[prefixed if prefixed in self.config else name] = value
        for name, value in self.config.items():
            if isinstance(value, str):
                self.config[name] = self.text(value)

    def _new_environment(self):
        filters = self.hooks.Filters
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(filters.ENV_TEMPLATE_ROOTS.items),
            undefined=jinja2.StrictUndefined,
        )
        environment.filters.update(
            list_if=lambda services: json.dumps([name for name, wanted in services if wanted]),
            long_to_base64=_long_to_base64,
            random_string=lambda length: "r" * length,
            rsa_import_key=lambda pem: types.SimpleNamespace(e=65537, n=0xC0FFEE) if pem else None,
        )
        environment.globals.update(filters.ENV_TEMPLATE_VARIABLES.items)
        environment.globals.update(
            iter_mounts=lambda mounts, *services: iter(mounts), patch=self.patch
        )
        return environment

    def loaded(self):
        """Runs what the plugin does whenever settings were loaded."""
        for callback in self.hooks.Actions.CONFIG_LOADED.callbacks:
            callback(self.config)

    def text(self, template):
        return self._environment.from_string(template).render(**self.config)

    def patch(self, name):
        if name not in PATCHES:
            raise KeyError(name)
        patches = [text for each, text in self.hooks.Filters.ENV_PATCHES.items if each == name]
        return "\n".join(self.text(text) for text in patches)

    def file(self, name):
        """Returns a file that Tutor would write for the plugin."""
        folder = "completion_writebehind/apps/completion-writebehind/"
        return self._environment.get_template(folder + name).render(**self.config)

    def yaml(self, host):
        """Returns what a template of Tutor holds then."""
        return yaml.safe_load(self.text(HOSTS[host]))

    def manifests(self):
        """Returns all objects for Kubernetes."""
        names = ("k8s-deployments", "k8s-services", "k8s-volumes", "k8s-jobs")
        return [each for name in names for each in yaml.safe_load_all(self.patch(name)) if each]

    def tasks(self):
        """Returns the scripts of an init, in order, each with its service."""
        items = self.hooks.Filters.CLI_DO_INIT_TASKS.items
        return [(service, self.text(script).strip()) for service, script in items]


def _long_to_base64(number):
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def sites():
    """Yields the settings of every kind of site, by a name."""
    yield "off", {}
    yield "off, as YAML reads it", {"MODE": False}
    yield "mobile", {"MODE": "mobile"}
    yield "mobile, announced", {"MODE": "mobile", "ANNOUNCE": True, "OPAQUE_TOKENS": True}
    yield "shadow", {"MODE": "shadow"}
    yield "committed", {"MODE": "committed"}
    yield "committed, with mobile", {"MODE": "committed", "MOBILE": True, "RUN_MYSQL": False}
    yield "committed, mobile, announced", {"MODE": "committed", "MOBILE": True, "ANNOUNCE": True}
    yield "announced", {"MODE": "announced", "ANNOUNCERS": 2}
    yield "announced, with mobile", {"MODE": "announced", "MOBILE": True, "MOUNTS": ["/a:/b"]}
    yield "announced, draining", {"MODE": "announced", "MOBILE": True, "DRAIN": True}
    yield "with settings", {
        "MODE": "committed",
        "SETTINGS": {"buffer.max-pending": 2000000, "database.allow-public-key-retrieval": True},
    }


def in_every_site(test):
    """Runs a test for every kind of site, which it gets as its argument."""

    @functools.wraps(test)
    def each(self):
        for name, settings in sites():
            with self.subTest(name):
                test(self, Site(**settings))

    return each


def write_manifests(folder):
    """Writes the objects for Kubernetes of every kind of site into a folder, a file each."""
    os.makedirs(folder, exist_ok=True)
    for number, (name, settings) in enumerate(sites()):
        with open(os.path.join(folder, f"{number}.yaml"), "w", encoding="utf-8") as file:
            file.write(f"# {name}\n")
            for patch in ("k8s-deployments", "k8s-services", "k8s-volumes", "k8s-jobs"):
                file.write(Site(**settings).patch(patch).strip() + "\n")


if __name__ == "__main__":
    write_manifests(sys.argv[1])
