"""The wheel holds all of the app, and Open edX finds it."""

import glob
import importlib.util
import os
import subprocess
import tempfile
import unittest
import zipfile

SOURCES = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


@unittest.skipUnless(
    importlib.util.find_spec("setuptools") and importlib.util.find_spec("wheel"),
    "needs setuptools and wheel")
class WheelTest(unittest.TestCase):

    def test_wheel_hasEveryModule_theEntryPoint_theLicence(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["sh", os.path.join(SOURCES, "wheel.sh"), folder], check=True,
                           stdout=subprocess.DEVNULL)
            (wheel,) = glob.glob(os.path.join(folder, "completion_writebehind_lms-*.whl"))
            with zipfile.ZipFile(wheel) as content:
                names = set(content.namelist())
                (entry_points,) = [content.read(name).decode() for name in names
                                   if name.endswith("entry_points.txt")]
        modules = glob.glob(os.path.join(SOURCES, "writebehind_lms", "**", "*.py"), recursive=True)
        self.assertGreater(len(modules), 10)
        self.assertLessEqual({os.path.relpath(module, SOURCES) for module in modules}, names)
        self.assertIn("[lms.djangoapp]\n"
                      "writebehind_lms = writebehind_lms.apps:WritebehindLmsConfig", entry_points)
        self.assertTrue(any("LICENSE" in name for name in names))
        self.assertFalse(any(name.startswith("tests") for name in names))

    def test_withoutPythonThatCan_theBuildGoesOn(self):
        with tempfile.TemporaryDirectory() as folder:
            for program in ("dirname", "sh"):
                os.symlink("/usr/bin/" + program, os.path.join(folder, program))
            python = os.path.join(folder, "python3")
            with open(python, "w", encoding="ascii") as file:
                file.write("#!/bin/sh\nexit 1\n")
            os.chmod(python, 0o755)
            script = os.path.join(folder, "wheel.sh")
            with open(os.path.join(SOURCES, "wheel.sh"), encoding="utf-8") as file:
                text = file.read().replace("/usr/bin/python3", python)
            with open(script, "w", encoding="utf-8") as file:
                file.write(text)
            done = subprocess.run(["/bin/sh", script, folder], env={"PATH": folder}, text=True,
                                  stdout=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 0)
        self.assertIn("There is no wheel", done.stdout)
