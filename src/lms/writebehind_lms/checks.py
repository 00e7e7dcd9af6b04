"""What `manage.py check` says of this app."""

from django.core.checks import Error, Warning as Caution, register as register_check

from . import hook, settings


def register():
    """Has Django call the checks."""
    register_check(check_installed)
    register_check(check_settings)


def check_installed(app_configs=None, **_):
    """Fails where the app does not fit the site's package completion."""
    return [
        Error("Completions are written directly: " + problem,
              hint="Take a version of writebehind_lms that fits the package completion.",
              id="writebehind_lms.E001")
        for problem in hook.problems()
    ]


def check_settings(app_configs=None, **_):
    """Fails where a setting is wrong, and warns of those without effect."""
    now = settings.current()
    found = [
        Error(problem, hint="Until then completions are written directly.",
              id="writebehind_lms.E002")
        for problem in now.problems
    ]
    if now.urls and not now.is_announced and now.in_transaction == settings.ON_COMMIT:
        found.append(Caution(
            "%sIN_TRANSACTION = 'on_commit' has no effect in the mode 'committed'"
            % settings.PREFIX, id="writebehind_lms.W001"))
    if now.urls and now.shadow:
        found.append(Caution(
            "%sURL has no effect while %sSHADOW is set: completions are written directly"
            % (settings.PREFIX, settings.PREFIX), id="writebehind_lms.W002"))
    if now.connect_timeout >= now.timeout:
        found.append(Caution(
            "%sCONNECT_TIMEOUT is not below %sTIMEOUT, which bounds all of a call"
            % (settings.PREFIX, settings.PREFIX), id="writebehind_lms.W003"))
    return found
