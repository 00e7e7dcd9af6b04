"""What is installed where the package completion fits, and what is not where it does not."""

import inspect
import types
import unittest
from unittest import mock

from django.core.checks import run_checks
from django.test.utils import override_settings

from .site import BlockCompletion, SiteTest, block

from completion import models, waffle  # noqa: E402
from writebehind_lms import checks, hook, settings  # noqa: E402
from writebehind_lms.apps import WritebehindLmsConfig  # noqa: E402

PREFIX = settings.PREFIX


class HookTest(SiteTest):

    def tearDown(self):
        hook.install()
        self.assertEqual(hook.problems(), [])

    def test_methods_areWrappedOnce_andKeepTheirSignatures(self):
        manager = models.BlockCompletionManager
        before = dict(vars(manager))
        hook.install()
        for name, (parameters, _) in hook.METHODS.items():
            self.assertIs(vars(manager)[name], before[name])
            self.assertTrue(hasattr(before[name], hook.MARK))
            self.assertEqual(tuple(inspect.signature(before[name]).parameters), parameters)

    def test_arguments_mayBeNamed(self):
        row, _ = BlockCompletion.objects.submit_completion(
            user=self.user, block_key=block("a"), completion=0.5)
        done = BlockCompletion.objects.submit_batch_completion(
            user=self.user, blocks=[(block("a"), 0.5)])
        self.assertEqual(done, {row: False})
        self.assertEqual(BlockCompletion.objects.clear_learning_context_completion(
            user=self.user, context_key=row.context_key), 1)

    def test_othersSignature_installsNothing_logsAnError_failsACheck(self):
        def submit_completion(self, user, block_key, completion, source=None):
            raise AssertionError

        hook.uninstall()
        originals = {name: vars(models.BlockCompletionManager)[name] for name in hook.METHODS}
        with mock.patch.object(models.BlockCompletionManager, "submit_completion",
                               submit_completion), \
                self.assertLogs("writebehind_lms.hook", "ERROR") as log:
            hook.install()
            self.assertEqual(
                [error.id for error in run_checks() if error.id.startswith("writebehind_lms")],
                ["writebehind_lms.E001"])
        self.assertEqual(len(log.output), 1)
        self.assertIn("submit_completion", log.output[0])
        for name, original in originals.items():
            self.assertIs(vars(models.BlockCompletionManager)[name], original)
        self.assertEqual(self._write().completion, 0.5)

    def _write(self):
        return BlockCompletion.objects.submit_completion(self.user, block("a"), 0.5)[0]

    def test_packageThatIsWhollyOtherwise_keepsNoSiteFromItsStart(self):
        hook.uninstall()
        with mock.patch.object(models, "BlockCompletion", type("Other", (), {})), \
                self.assertLogs("writebehind_lms.hook", "ERROR"):
            hook.install()
        self.assertTrue(hook.problems())

    def test_eachPartThatIsMissing_isNamed(self):
        self.assertEqual(hook.differences(models, waffle), [])
        for part, empty in (("BlockCompletionManager", type("Other", (), {})),
                            ("BlockCompletion", None)):
            other = types.SimpleNamespace(
                BlockCompletion=models.BlockCompletion,
                BlockCompletionManager=models.BlockCompletionManager)
            setattr(other, part, empty)
            self.assertNotEqual(hook.differences(other, waffle), [])
        self.assertNotEqual(hook.differences(models, types.SimpleNamespace()), [])

    def test_packageThatIsNotThere_isAnError_andNoCrash(self):
        with mock.patch.dict("sys.modules", {"completion": None}), \
                self.assertLogs("writebehind_lms.hook", "ERROR"):
            hook.install()
            self.assertEqual([error.id for error in checks.check_installed()],
                             ["writebehind_lms.E001"])

    def test_pluginOfOpenEdx_hasWhatItAsksFor(self):
        self.assertEqual(WritebehindLmsConfig.name, "writebehind_lms")
        self.assertEqual(WritebehindLmsConfig.plugin_app, {})


class SettingsTest(unittest.TestCase):

    def found(self, **values):
        with override_settings(**{PREFIX + name: value for name, value in values.items()}):
            return settings.current(), [error.id[-4:] for error in checks.check_settings()]

    def test_defaults_areOff(self):
        now, found = self.found()
        self.assertEqual((now.is_on, now.mode, now.timeout, found), (False, "committed", 2.0, []))

    def test_url_isOne_orSeveral(self):
        for given, urls in (("http://a:8080/", ("http://a:8080",)), ("", ()), (None, ()),
                            (["http://a", "https://b/x"], ("http://a", "https://b/x"))):
            self.assertEqual(self.found(URL=given)[0].urls, urls)

    def test_wrongValues_turnTheAppOff_andFailACheck(self):
        for wrong in ({"MODE": "journal"}, {"IN_TRANSACTION": "never"}, {"TIMEOUT": 0},
                      {"TIMEOUT": "soon"}, {"FAILURES": 0}, {"PAUSE": float("inf")},
                      {"URL": "writebehind:8080"}, {"URL": "http://a:port"}, {"TOKEN": None},
                      {"TOKEN": "a\nb"}, {"URL": ["http://a", ""]}, {"SHADOW": 3}):
            with self.subTest(wrong):
                now, found = self.found(**dict({"URL": "http://a"}, **wrong))
                self.assertFalse(now.is_on)
                self.assertEqual(found, ["E002"])
                self.assertIn(PREFIX + next(iter(wrong)), now.problems[0])

    def test_timesThatAreNotInUtc_turnTheAppOff(self):
        with override_settings(USE_TZ=False):
            now, found = self.found(URL="http://a")
        self.assertEqual((now.is_on, found), (False, ["E002"]))

    def test_settingsWithoutEffect_areWarnedOf(self):
        self.assertEqual(self.found(URL="http://a", IN_TRANSACTION="on_commit")[1], ["W001"])
        self.assertEqual(self.found(URL="http://a", IN_TRANSACTION="on_commit",
                                    MODE="announced")[1], [])
        self.assertEqual(self.found(URL="http://a", SHADOW="http://b")[1], ["W002"])
        self.assertEqual(self.found(URL="http://a", CONNECT_TIMEOUT=3)[1], ["W003"])
