"""The plugin's settings, and what it tells the LMS, the proxy and the database, in every mode."""

import ast
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path
from urllib.parse import unquote, urlsplit

from . import standin
from .standin import Site, click, in_every_site

NASTY = "it's a `$HOME`, \"a\" \\ and/or 100% & {b}"


class PluginTest(unittest.TestCase):
    def test_everything_isHandedToHooksAndPatches_thatTutorHas(self):
        hooks = standin.load_plugin()

        names = {name for name, _ in hooks.Filters.ENV_PATCHES.items}
        self.assertEqual(names, standin.PATCHES)
        for name, _ in hooks.Filters.CONFIG_DEFAULTS.items + hooks.Filters.CONFIG_UNIQUE.items:
            self.assertTrue(name.startswith("COMPLETION_WRITEBEHIND_"), name)
        self.assertEqual(
            hooks.Filters.ENV_TEMPLATE_TARGETS.items, [("completion_writebehind/apps", "plugins")]
        )

    def test_settings_areInTheReadme_andTheReadmesAreThere(self):
        hooks = standin.load_plugin()
        items = hooks.Filters.CONFIG_DEFAULTS.items + hooks.Filters.CONFIG_UNIQUE.items
        readme = (standin.PLUGIN / "README.md").read_text(encoding="utf-8")
        cells = re.findall(r"(?m)^\| (`[^|]*`) \|", readme)
        named = {
            name.replace("…", "COMPLETION_WRITEBEHIND").strip("`")
            for cell in cells
            for name in cell.replace("`…_", "`COMPLETION_WRITEBEHIND_").split(", ")
        }

        self.assertEqual({name for name, _ in items}, named)

    def test_version_isThatOfTheService(self):
        pom = (standin.PROJECT / "pom.xml").read_text(encoding="utf-8")
        version = re.search(r"<version>(.*?)(-SNAPSHOT)?</version>", pom).group(1)

        self.assertEqual(Site().config["COMPLETION_WRITEBEHIND_VERSION"], version)

    def test_wrongSettings_areRefused_withWhatToDo(self):
        wrong = [
            ({"MODE": "comitted"}, "must be one of off, mobile, shadow, committed, announced"),
            ({"MODE": "shadow", "MOBILE": True}, "set it to false"),
            ({"MODE": "committed", "DRAIN": "yes"}, "must be true or false"),
        ]
        for settings, reason in wrong:
            with self.subTest(settings):
                with self.assertRaisesRegex(click.ClickException, reason):
                    Site(**settings).loaded()

    @in_every_site
    def test_rightSettings_areTaken(self, site):
        site.loaded()


class LmsTest(unittest.TestCase):
    def settings(self, **settings):
        text = Site(**settings).patch("openedx-lms-common-settings")
        return {
            each.targets[0].id.replace("COMPLETION_WRITEBEHIND_", ""): ast.literal_eval(each.value)
            for each in ast.parse(text).body
        }

    def test_modes_sayWhereCompletionsAreWritten(self):
        url = "http://completion-writebehind:8080"
        expected = {
            "off": ("", "", "committed"),
            "mobile": ("", "", "committed"),
            "shadow": ("", url, "committed"),
            "committed": (url, "", "committed"),
            "announced": (url, "", "announced"),
        }
        for mode, (to, shadow, kind) in expected.items():
            with self.subTest(mode):
                settings = self.settings(MODE=mode)
                found = (settings["URL"], settings["SHADOW"], settings["MODE"])
                self.assertEqual(found, (to, shadow, kind))

    def test_draining_sendsNothing_andLeavesTheServiceAsItIs(self):
        for mode in ("mobile", "shadow", "committed", "announced"):
            with self.subTest(mode):
                mobile = mode in ("committed", "announced")
                before = Site(MODE=mode, MOBILE=mobile)
                after = Site(MODE=mode, MOBILE=mobile, DRAIN=True)

                self.assertEqual(self.settings(MODE=mode, MOBILE=mobile, DRAIN=True)["URL"], "")
                self.assertEqual(self.settings(MODE=mode, MOBILE=mobile, DRAIN=True)["SHADOW"], "")
                self.assertEqual(after.patch("caddyfile-lms"), "")
                self.assertEqual(after.file("writebehind.yaml"), before.file("writebehind.yaml"))
                for patch in ("local-docker-compose-services", "k8s-deployments"):
                    self.assertEqual(after.patch(patch), before.patch(patch))

    def test_settings_compile_withAnyToken(self):
        self.assertEqual(self.settings(MODE="committed", TOKEN=NASTY)["TOKEN"], NASTY)

    def test_requirement_isInstalled_unlessThereIsNone(self):
        name = "openedx-dockerfile-post-python-requirements"

        self.assertIn("$PIP_COMMAND install 'completion-writebehind-lms==", Site().patch(name))
        self.assertEqual(Site(LMS_REQUIREMENT="").patch(name), "")


class RouteTest(unittest.TestCase):
    @in_every_site
    def test_mobilePath_goesToTheService_whereAsked(self, site):
        config = site.config
        mobile = config["COMPLETION_WRITEBEHIND_MODE"] == "mobile"
        wanted = mobile or config["COMPLETION_WRITEBEHIND_MOBILE"]
        wanted = wanted and not config["COMPLETION_WRITEBEHIND_DRAIN"]

        self.assertEqual("completion-batch" in site.text(standin.HOSTS["caddy"]), wanted)

    @unittest.skipUnless(shutil.which("caddy"), "needs caddy")
    def test_caddy_takesThePathOut_andLeavesEverythingElse(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "Caddyfile"
            file.write_text(Site(MODE="mobile").text(standin.HOSTS["caddy"]), encoding="utf-8")
            done = subprocess.run(
                ["caddy", "adapt", "--config", str(file)],
                capture_output=True,
                check=True,
                text=True,
            )
        server = json.loads(done.stdout.splitlines()[0])["apps"]["http"]["servers"]["srv0"]
        routes = server["routes"][0]["handle"][0]["routes"]
        upstreams = [
            [each["dial"] for each in route["handle"][0]["upstreams"]] for route in routes
        ]

        self.assertEqual(routes[0]["match"], [{"path": ["/api/completion/v1/completion-batch"]}])
        self.assertNotIn("match", routes[1])
        self.assertEqual(upstreams, [["completion-writebehind:8080", "lms:8000"], ["lms:8000"]])


class TasksTest(unittest.TestCase):
    @in_every_site
    def test_tasks_areShell_inTheOrderInWhichTheyNeedEachOther(self, site):
        tasks = site.tasks()
        self.assertEqual(
            [service for service, _ in tasks],
            ["mysql", "completion-writebehind", "mysql", "completion-writebehind", "lms"],
        )
        for _, script in tasks:
            subprocess.run(["sh", "-n", "-c", script], check=True)

    def test_off_doesNothing(self):
        for _, script in Site().tasks():
            self.assertRegex(script, r'^echo "[^"]*"$')

    def test_account_hasThePrivilegesOfServing_andNoMore(self):
        expected = {
            "committed": {"completion_blockcompletion": "SELECT, INSERT, UPDATE, DELETE"},
            "mobile": {
                "completion_blockcompletion": "SELECT, INSERT, UPDATE, DELETE",
                "auth_user": "SELECT",
                "student_courseenrollment": "SELECT",
                "waffle_switch": "SELECT",
            },
            "announced": {
                "completion_blockcompletion": "SELECT, INSERT, UPDATE, DELETE",
                "completion_writebehind_outbox": "SELECT, INSERT",
            },
            "shadow": {},
        }
        for mode, grants in expected.items():
            with self.subTest(mode):
                sql = "\n".join(script for _, script in Site(MODE=mode).tasks())
                found = re.findall(r"GRANT ([A-Z, ]+) ON `openedx`\.`(\w+)` TO 'writebehind'", sql)
                self.assertEqual({table: privileges for privileges, table in found}, grants)
                self.assertNotRegex(sql, r"GRANT .* ON (`openedx`|\*)\.\*")

    def test_passwords_arriveAsTheyAre(self):
        site = Site(MODE="shadow", MYSQL_PASSWORD=NASTY, MYSQL_ROOT_PASSWORD=NASTY)
        variables = site.yaml("services")["services"]["completion-writebehind"]["environment"]
        uri = urlsplit(variables["WRITEBEHIND_DATABASE_URI"])
        with tempfile.TemporaryDirectory() as folder:
            client = Path(folder) / "mysql"
            client.write_text('#!/bin/sh\nprintf "%s\\n" "$MYSQL_PWD" "$*"; cat\n')
            client.chmod(0o755)
            done = subprocess.run(
                ["sh", "-e", "-c", site.tasks()[0][1]],
                env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"},
                capture_output=True,
                check=True,
                text=True,
            )
        _, password, arguments, create = done.stdout.splitlines()[:4]

        self.assertEqual(unquote(uri.password), NASTY)
        self.assertEqual(uri.path, "/completion_writebehind_shadow")
        self.assertEqual(password, NASTY)
        self.assertEqual(arguments, "--host=mysql --port=3306 --user=root")
        literal = create.split("IDENTIFIED BY ")[1].rstrip(";")
        self.assertRegex(literal, r"^'([^'\\]|''|\\\\)*'$")
        self.assertEqual(literal[1:-1].replace("''", "'").replace("\\\\", "\\"), NASTY)
        self.assertIn("ON `completion\\_writebehind\\_shadow`.* TO", done.stdout)

    def test_migration_isTheOwners_exceptOnAShadow(self):
        for mode, owner in (("committed", "openedx"), ("shadow", "writebehind")):
            job = Site(MODE=mode).yaml("jobs")["services"]["completion-writebehind-job"]
            self.assertEqual(urlsplit(job["environment"]["OWNER_DATABASE_URI"]).username, owner)
            migrate = Site(MODE=mode).tasks()[1][1]
            self.assertEqual(
                migrate, 'WRITEBEHIND_DATABASE_URI="$OWNER_DATABASE_URI" writebehind migrate'
            )


class CommandTest(unittest.TestCase):
    def run_command(self, *arguments):
        command = standin.load_plugin().Filters.CLI_DO_COMMANDS.items[0]
        context = command.make_context("writebehind", list(arguments))
        ((service, script),) = command.callback(**context.params)
        self.assertEqual(service, "completion-writebehind")
        return Site().text(script)

    def test_commands_runWithTheAccountThatMay(self):
        owner = 'WRITEBEHIND_DATABASE_URI="$OWNER_DATABASE_URI" writebehind '

        self.assertEqual(self.run_command("undo", "--dry-run"), owner + "undo --dry-run")
        self.assertEqual(self.run_command("purge-orphans"), owner + "purge-orphans")
        self.assertEqual(self.run_command("check"), "writebehind check")
        self.assertEqual(self.run_command("check", "{{ a b }}"), "writebehind check '{{ a b }}'")

    def test_comparison_isWithTheLmsTable_unlessToldOtherwise(self):
        expected = 'writebehind compare --json --with "$LMS_DATABASE_URI"'

        self.assertEqual(self.run_command("compare", "--json"), expected)
        other = self.run_command("compare", "--with", "mysql://a:b@c/d")
        self.assertEqual(other, "writebehind compare --with mysql://a:b@c/d")
