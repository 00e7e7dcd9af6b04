"""The service's settings, containers and objects for Kubernetes, in every mode."""

import json
import unittest

from . import standin
from .standin import Site, in_every_site, sites, yaml


class ServiceSettingsTest(unittest.TestCase):
    @in_every_site
    def test_keys_areThoseOfTheService(self, site):
        known = set(_keys(_conf()))
        settings = yaml.safe_load(site.file("writebehind.yaml"))

        self.assertEqual(set(_keys(settings)) - known, set())
        self.assertEqual(settings["auth"]["mode"] == "jwt", "jwt" in settings["auth"])

    @in_every_site
    def test_variables_areThoseOfTheService(self, site):
        known = {_variable(key) for key in _keys(_conf())}
        job = site.yaml("jobs")["services"]["completion-writebehind-job"]
        for name in job["environment"]:
            if name.startswith("WRITEBEHIND_"):
                self.assertIn(name, known)

    def test_shadow_sharesNoJournal_withWhatWritesTheLmsTable(self):
        kinds = {}
        for name, settings in sites():
            file = yaml.safe_load(Site(**settings).file("writebehind.yaml"))
            kinds.setdefault(file["journal"]["dir"], set()).add(name)

        self.assertEqual(len(kinds), 2)
        self.assertIn({"shadow"}, kinds.values())

    def test_learners_areLetIn_whereTheMobilePathIsServed(self):
        self.assertNotIn("openedx", yaml.safe_load(Site(MODE="committed").file("writebehind.yaml")))
        settings = yaml.safe_load(Site(MODE="committed", MOBILE=True).file("writebehind.yaml"))
        keys = json.loads(Site().file("jwks.json"))["keys"]

        self.assertTrue(settings["openedx"]["enabled"])
        self.assertNotIn("announce", settings["openedx"])
        self.assertEqual(settings["auth"]["jwt"]["issuer"], "https://lms.example.org/oauth2")
        self.assertEqual(keys, [{"kid": "openedx", "kty": "RSA", "e": "AQAB", "n": "wP_u"}])
        self.assertEqual(settings["auth"]["jwt"]["jwks"], "/etc/completion-writebehind/jwks.json")

    @in_every_site
    def test_announcements_areMade_whereSomebodyAnnouncesThem(self, site):
        openedx = yaml.safe_load(site.file("writebehind.yaml")).get("openedx", {})
        workers = [each for each in site.yaml("services")["services"] if "announce" in each]

        self.assertEqual("announce" in openedx, bool(workers))
        self.assertEqual("announce" in openedx, "_outbox" in site.tasks()[2][1])


class ComposeTest(unittest.TestCase):
    @in_every_site
    def test_service_isThere_unlessOff(self, site):
        services = site.yaml("services")["services"]
        off = site.config["COMPLETION_WRITEBEHIND_MODE"] in ("off", False)

        self.assertEqual("completion-writebehind" in services, not off)
        self.assertEqual(len(site.yaml("permissions")["volumes"]), 1 if off else 2)
        self.assertIn("completion-writebehind-job", site.yaml("jobs")["services"])
        self.assertLessEqual(set(site.yaml("dev")["services"] or {}), set(services))

    def test_service_isAsThePackagesComposeFileHasIt(self):
        path = standin.PROJECT / "src" / "packaging" / "docker" / "compose.yaml"
        theirs = yaml.safe_load(path.read_text(encoding="utf-8"))["services"]["writebehind"]
        ours = Site(MODE="committed").yaml("services")["services"]["completion-writebehind"]

        same = ("cap_drop", "read_only", "restart", "security_opt", "stop_grace_period", "tmpfs")
        for key in same:
            self.assertEqual(ours[key], theirs[key], key)

    def test_dollars_reachTheService_asTheyAre(self):
        service = Site(MODE="committed", TOKEN="a$b").yaml("services")["services"]

        self.assertEqual(
            service["completion-writebehind"]["environment"]["WRITEBEHIND_AUTH_TOKENS"], "a$$b"
        )

    def test_changeOfMode_changesTheContainer(self):
        labels = set()
        for mode in ("committed", "announced"):
            for mobile in (False, True):
                services = Site(MODE=mode, MOBILE=mobile).yaml("services")["services"]
                labels.add(services["completion-writebehind"]["labels"]["dev.writebehind.mode"])

        self.assertEqual(len(labels), 4)


class KubernetesTest(unittest.TestCase):
    @in_every_site
    def test_objects_nameWhatIsThere(self, site):
        objects = {(each["kind"], each["metadata"]["name"]): each for each in site.manifests()}
        secret = objects["Secret", "completion-writebehind"]["stringData"]
        maps = {each["name"] for each in site.yaml("configmaps")["configMapGenerator"]}
        maps |= {"openedx-settings-lms", "openedx-settings-cms", "openedx-config"}

        for pod in _pods(objects.values()):
            container = pod["containers"][0]
            volumes = {each["name"]: each for each in pod["volumes"]}
            self.assertEqual({each["name"] for each in container["volumeMounts"]}, set(volumes))
            for volume in volumes.values():
                if "configMap" in volume:
                    self.assertIn(volume["configMap"]["name"], maps)
                if "persistentVolumeClaim" in volume:
                    claim = volume["persistentVolumeClaim"]["claimName"]
                    self.assertIn(("PersistentVolumeClaim", claim), objects)
            for variable in container.get("env", []):
                if "valueFrom" in variable:
                    reference = variable["valueFrom"]["secretKeyRef"]
                    self.assertEqual(reference["name"], "completion-writebehind")
                    self.assertIn(reference["key"], secret)
        service = objects["Service", "completion-writebehind"]["spec"]
        stateful = objects["StatefulSet", "completion-writebehind"]["spec"]
        self.assertEqual(stateful["serviceName"], "completion-writebehind")
        self.assertEqual(service["selector"], stateful["selector"]["matchLabels"])
        self.assertEqual(
            stateful["template"]["metadata"]["labels"], stateful["selector"]["matchLabels"]
        )

    def test_statefulSet_isAsThePackagesHaveIt(self):
        path = standin.PROJECT / "src" / "packaging" / "kubernetes" / "statefulset.yaml"
        theirs = yaml.safe_load(path.read_text(encoding="utf-8"))["spec"]["template"]["spec"]
        ours = _stateful(Site(MODE="committed"))["spec"]["template"]["spec"]

        for key in ("terminationGracePeriodSeconds", "securityContext", "enableServiceLinks"):
            self.assertEqual(ours[key], theirs[key], key)
        for key in (
            "args",
            "lifecycle",
            "livenessProbe",
            "ports",
            "readinessProbe",
            "securityContext",
            "startupProbe",
        ):
            self.assertEqual(ours["containers"][0][key], theirs["containers"][0][key], key)

    def test_off_leavesTheVolume_andNobodyOnIt(self):
        site = Site(MODE="off")
        kinds = {each["kind"]: each for each in site.manifests()}

        self.assertEqual(_stateful(site)["spec"]["replicas"], 0)
        self.assertEqual(kinds["Deployment"]["spec"]["replicas"], 0)
        self.assertIn("PersistentVolumeClaim", kinds)
        self.assertEqual(_stateful(Site(MODE="shadow"))["spec"]["replicas"], 1)

    def test_announcers_areAsManyAsAsked_whereTheModeHasAny(self):
        for mode, expected in (("committed", 0), ("announced", 3)):
            objects = Site(MODE=mode, ANNOUNCERS=3).manifests()
            worker = next(each for each in objects if each["kind"] == "Deployment")
            self.assertEqual(worker["spec"]["replicas"], expected)


def _conf():
    path = standin.PROJECT / "conf" / "writebehind.yaml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _keys(settings, prefix=""):
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from _keys(value, f"{prefix}{name}.")
        else:
            yield prefix + name


def _variable(key):
    return "WRITEBEHIND_" + key.upper().replace(".", "_").replace("-", "_")


def _pods(objects):
    for each in objects:
        if "template" in each.get("spec", {}):
            yield each["spec"]["template"]["spec"] | {
                "volumes": each["spec"]["template"]["spec"].get("volumes", [])
            }


def _stateful(site):
    return next(each for each in site.manifests() if each["kind"] == "StatefulSet")
