"""What the settings of a site ask for, as the templates need it. Knows nothing of Tutor."""

import shlex
from dataclasses import dataclass
from urllib.parse import quote

PREFIX = "COMPLETION_WRITEBEHIND_"
MODES = ("off", "mobile", "shadow", "committed", "announced")
HOST = "completion-writebehind"
TABLE = "completion_blockcompletion"
OUTBOX = "completion_writebehind_outbox"
ROW_PRIVILEGES = "SELECT, INSERT, UPDATE, DELETE"
MOBILE_TABLES = ("auth_user", "student_courseenrollment", "waffle_switch")
TOKEN_TABLES = ("oauth2_provider_accesstoken", "oauth2_provider_application")
# Of the service's commands, those that change tables, or read more than the service may.
OWNERS_COMMANDS = ("migrate", "undo", "purge-orphans")


@dataclass(frozen=True)
class Site:
    """A site's settings, checked, and what follows from them; made by `Site.of`."""

    config: dict
    mode: str
    serves_mobile: bool
    announces: bool
    draining: bool

    @classmethod
    def of(cls, config):
        """Returns what these settings ask for; ValueError tells what to set otherwise."""
        mode = config[PREFIX + "MODE"]
        if mode is False:  # YAML's reading of off
            mode = "off"
        if mode not in MODES:
            raise ValueError(
                f"{PREFIX}MODE is {mode!r}: it must be one of {', '.join(MODES)}"
            )
        mobile = _flag(config, "MOBILE")
        announce = _flag(config, "ANNOUNCE")
        if mobile and mode == "shadow":
            raise ValueError(
                f"{PREFIX}MOBILE can't be true in the mode shadow, whose table is a copy that"
                " nobody reads: set it to false, or choose another mode"
            )
        return cls(
            config=config,
            mode=mode,
            serves_mobile=mode == "mobile" or (mobile and mode in ("committed", "announced")),
            announces=mode == "announced" or (announce and mode in ("mobile", "committed")),
            draining=_flag(config, "DRAIN"),
        )

    @property
    def runs(self):
        return self.mode != "off"

    @property
    def shadows(self):
        return self.mode == "shadow"

    @property
    def routes_mobile(self):
        return self.serves_mobile and not self.draining

    @property
    def replicas(self):
        return 1 if self.runs else 0

    @property
    def announcers(self):
        return int(self._setting("ANNOUNCERS")) if self.announces else 0

    @property
    def uri(self):
        """The database as the service sees it."""
        return self._uri(self._account, self._password, self._schema)

    @property
    def owner_uri(self):
        """The same for the account that may change the table."""
        return self.uri if self.shadows else self.lms_uri

    @property
    def lms_uri(self):
        """The LMS's database, with the LMS's account."""
        return self._uri(
            self.config["OPENEDX_MYSQL_USERNAME"],
            self.config["OPENEDX_MYSQL_PASSWORD"],
            self._lms_schema,
        )

    @property
    def environment(self):
        """The variables of the service's container, secrets among them."""
        variables = {
            "JAVA_OPTS": "-XX:MaxRAMPercentage=60",
            "WRITEBEHIND_DATABASE_URI": self.uri,
            "WRITEBEHIND_AUTH_TOKENS": self._setting("TOKEN"),
            "WRITEBEHIND_MANAGEMENT_TOKENS": self._setting("MANAGEMENT_TOKEN"),
        }
        if self.serves_mobile:
            variables["WRITEBEHIND_AUTH_JWT_SECRET"] = self.config["JWT_COMMON_SECRET_KEY"]
        for key, value in self._setting("SETTINGS").items():
            name = "WRITEBEHIND_" + key.upper().replace(".", "_").replace("-", "_")
            variables[name] = str(value).lower() if isinstance(value, bool) else str(value)
        return variables

    @property
    def job_environment(self):
        """The same for its commands, which may use the account that owns the table."""
        return {
            **self.environment,
            "OWNER_DATABASE_URI": self.owner_uri,
            "LMS_DATABASE_URI": self.lms_uri,
        }

    @property
    def lms_settings(self):
        """The Django settings of the LMS, by name, as Python literals."""
        url = f"http://{HOST}:8080"
        sends = self.mode in ("committed", "announced") and not self.draining
        settings = {
            "URL": url if sends else "",
            "SHADOW": url if self.shadows and not self.draining else "",
            "TOKEN": self._setting("TOKEN"),
            "MODE": "announced" if self.mode == "announced" else "committed",
            "IN_TRANSACTION": self._setting("IN_TRANSACTION"),
            "ANNOUNCE_BATCH": int(self._setting("ANNOUNCE_BATCH")),
        }
        return {PREFIX + name: repr(value) for name, value in settings.items()}

    @property
    def mysql(self):
        """The shell's words that run MySQL's client as the server's administrator."""
        return (
            f"MYSQL_PWD={shlex.quote(str(self.config['MYSQL_ROOT_PASSWORD']))} mysql"
            f" --host={shlex.quote(str(self.config['MYSQL_HOST']))}"
            f" --port={self.config['MYSQL_PORT']}"
            f" --user={shlex.quote(str(self.config['MYSQL_ROOT_USERNAME']))}"
        )

    @property
    def account_sql(self):
        """Statements that make the service's account, and the schema of a shadow."""
        account = f"{_text(self._account)}@'%'"
        password = _text(self._password)
        statements = [
            f"CREATE USER IF NOT EXISTS {account} IDENTIFIED BY {password}",
            f"ALTER USER {account} IDENTIFIED BY {password}",
        ]
        if self.shadows:
            schema = _name(self._schema)
            wild = schema.replace("_", "\\_").replace("%", "\\%")
            statements += [
                f"CREATE DATABASE IF NOT EXISTS {schema}"
                " CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
                f"GRANT {ROW_PRIVILEGES}, CREATE, ALTER, LOCK TABLES ON {wild}.* TO {account}",
            ]
        return statements

    @property
    def grants_sql(self):
        """Statements that give the account what serving takes, on tables that are there by now."""
        tables = {} if self.shadows else {TABLE: ROW_PRIVILEGES}
        if self.announces:
            tables[OUTBOX] = "SELECT, INSERT"
        if self.serves_mobile:
            readable = MOBILE_TABLES
            if _flag(self.config, "OPAQUE_TOKENS"):
                readable += TOKEN_TABLES
            tables.update({table: "SELECT" for table in readable})
        account = f"{_text(self._account)}@'%'"
        return [
            f"GRANT {privileges} ON {_name(self._lms_schema)}.{_name(table)} TO {account}"
            for table, privileges in tables.items()
        ]

    @property
    def _account(self):
        return str(self._setting("MYSQL_USERNAME"))

    @property
    def _password(self):
        return str(self._setting("MYSQL_PASSWORD"))

    @property
    def _lms_schema(self):
        return str(self.config["OPENEDX_MYSQL_DATABASE"])

    @property
    def _schema(self):
        return str(self._setting("SHADOW_DATABASE")) if self.shadows else self._lms_schema

    def _setting(self, name):
        return self.config[PREFIX + name]

    def _uri(self, user, password, schema):
        user, password, schema = (quote(str(each), safe="") for each in (user, password, schema))
        host, port = self.config["MYSQL_HOST"], self.config["MYSQL_PORT"]
        return f"mysql://{user}:{password}@{host}:{port}/{schema}"


def command(arguments):
    """Returns the shell's words that run one of the service's commands, with the right account."""
    words = " ".join(shlex.quote(each) for each in ("writebehind", *arguments))
    if arguments[0] in OWNERS_COMMANDS:
        return f'WRITEBEHIND_DATABASE_URI="$OWNER_DATABASE_URI" {words}'
    if arguments[0] == "compare" and "--with" not in arguments:
        return f'{words} --with "$LMS_DATABASE_URI"'
    return words


def compose_text(value):
    """Returns a text as Compose files take it, in which a dollar begins a variable."""
    return str(value).replace("$", "$$")


def _flag(config, name):
    value = config[PREFIX + name]
    if not isinstance(value, bool):
        raise ValueError(f"{PREFIX}{name} is {value!r}: it must be true or false")
    return value


def _text(value):
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _name(value):
    return "`" + value.replace("`", "``") + "`"
