"""Tables of the site for tests: made as Django's own migrations would make them, and emptied."""

import time
from contextlib import closing

from django.db import connection

OUTBOX = "completion_writebehind_outbox"


def _models():
    from completion.models import BlockCompletion
    from django.contrib.auth.models import Group, Permission, User
    from django.contrib.contenttypes.models import ContentType

    return [ContentType, Permission, Group, User, BlockCompletion]


def ensure_schema():
    """Creates the database's schema, if the server has none of that name yet."""
    if connection.vendor != "mysql":
        return
    from django.db.backends.mysql.base import Database

    options = connection.settings_dict
    server = Database.connect(host=options["HOST"], port=int(options["PORT"]),
                              user=options["USER"], password=options["PASSWORD"])
    with closing(server), closing(server.cursor()) as cursor:
        cursor.execute("CREATE DATABASE IF NOT EXISTS `%s` CHARACTER SET utf8mb4"
                       " COLLATE utf8mb4_unicode_ci" % options["NAME"])


def drop_schema():
    """Drops the database's schema; for schemas that `ensure_schema` made."""
    if connection.vendor == "mysql":
        with connection.cursor() as cursor:
            cursor.execute("DROP DATABASE IF EXISTS `%s`" % connection.settings_dict["NAME"])
        connection.close()


def create_tables(outbox=False):
    """Creates the site's tables that are not there yet; with `outbox`, the service's too."""
    present = set(connection.introspection.table_names())
    with connection.schema_editor() as editor:
        for model in _models():
            if model._meta.db_table not in present:
                editor.create_model(model)
    if outbox and OUTBOX not in present:
        create_outbox()


def create_outbox():
    """Creates the outbox as the service's migration does."""
    sqlite = connection.vendor == "sqlite"
    key = ("INTEGER PRIMARY KEY AUTOINCREMENT" if sqlite
           else "BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY")
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE %s (id %s, completion_id BIGINT NOT NULL, user_id INT NOT NULL,"
            " is_new TINYINT(1) NOT NULL, modified DATETIME(6) NOT NULL)%s"
            % (OUTBOX, key, "" if sqlite else " ENGINE=InnoDB"))


def wait_for_empty_outbox(seconds):
    """Waits until the workers have told everything."""
    end = time.time() + seconds
    while time.time() < end:
        with connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM " + OUTBOX)
            if cursor.fetchone() == (0,):
                return
        time.sleep(0.1)
    raise SystemExit("Entries are left in the outbox")


def empty_tables():
    """Deletes every row of the site's tables."""
    present = connection.introspection.table_names()
    with connection.cursor() as cursor:
        for table in (OUTBOX, "completion_blockcompletion", "auth_user"):
            if table in present:
                cursor.execute("DELETE FROM " + table)


def users(count, prefix="learner"):
    """Creates that many users and answers them."""
    from django.contrib.auth.models import User

    User.objects.bulk_create(
        [User(username="%s%d" % (prefix, i), password="!") for i in range(count)])
    return list(User.objects.filter(username__startswith=prefix).order_by("id"))
