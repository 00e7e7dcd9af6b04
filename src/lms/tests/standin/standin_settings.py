"""Django settings of the site for tests, all of them from the environment.

WRITEBEHIND_LMS_DATABASE  mysql://user:password@host:port/schema; without it, SQLite in memory
WRITEBEHIND_LMS_APPS      further apps, separated by commas
WRITEBEHIND_LMS_USER_KEY  1: the completions' table has the foreign key to the users
WRITEBEHIND_LMS_KEPT      seconds for which a connection to the database is kept from request to
                          request (CONN_MAX_AGE); Open edX keeps none unless the site says so
COMPLETION_WRITEBEHIND_*  settings of the app, as JSON where they parse as it, else as they are
"""

import importlib.util
import json
import os
from urllib.parse import unquote, urlsplit


def _database(uri):
    if not uri:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
    _driver()
    parts = urlsplit(uri)
    return {
        "ENGINE": "django.db.backends.mysql",
        "NAME": parts.path.lstrip("/"),
        "HOST": parts.hostname,
        "PORT": parts.port or 3306,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "ATOMIC_REQUESTS": True,
        "CONN_MAX_AGE": int(os.environ.get("WRITEBEHIND_LMS_KEPT", "0")),
        "OPTIONS": {"charset": "utf8mb4", "connect_timeout": 10,
                    "init_command": "SET sql_mode='STRICT_TRANS_TABLES'"},
    }


def _driver():
    """Takes mysqlclient, as Open edX does, or PyMySQL where there is none."""
    try:
        import MySQLdb  # noqa: F401
        return
    except ImportError:
        import pymysql

    pymysql.version_info = (2, 2, 7, "final", 0)  # Django asks for mysqlclient's version
    pymysql.install_as_MySQLdb()
    # As mysqlclient's, a ping makes no new connection: Django would take one for the old one, with
    # its isolation level and modes, which the new one has not.
    ping = pymysql.connections.Connection.ping
    pymysql.connections.Connection.ping = lambda connection, reconnect=False: ping(
        connection, reconnect)


def _value(text):
    try:
        return json.loads(text)
    except ValueError:
        return text


SECRET_KEY = "of tests"
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DATABASES = {"default": _database(os.environ.get("WRITEBEHIND_LMS_DATABASE"))}
COMPLETION_USER_KEY = os.environ.get("WRITEBEHIND_LMS_USER_KEY") == "1"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "completion"]
if importlib.util.find_spec("writebehind_lms"):
    INSTALLED_APPS.append("writebehind_lms")
INSTALLED_APPS += [app for app in os.environ.get("WRITEBEHIND_LMS_APPS", "").split(",") if app]
globals().update({
    name: _value(text) for name, text in os.environ.items()
    if name.startswith("COMPLETION_WRITEBEHIND_")
})
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("WRITEBEHIND_LMS_LOG", "WARNING")},
}
