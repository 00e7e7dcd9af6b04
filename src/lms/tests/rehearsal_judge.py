"""What the rehearsal found: calls, rows, news and plugins, step by step."""

import json
import time
from collections import Counter, defaultdict

SKEW = 0.005
MOST_SHOWN = 5
COLUMNS = ("step", "calls", "errors", "p50 ms", "p99 ms", "news", "not seen at once",
           "is_new wrong")


class Judge:
    """Reads what processes wrote down, and the tables. Confined to one thread."""

    def __init__(self, calls, heard):
        self._calls_file = calls
        self._heard_file = heard
        self._steps = []
        self._findings = []

    def create_schemas(self, learners):
        from . import standin

        standin.install()
        from django.db import connection
        from tests.standin import database
        from watching.models import Stale, Sums

        database.ensure_schema()
        database.create_tables()
        with connection.schema_editor() as editor:
            editor.create_model(Stale)
            editor.create_model(Sums)
        self._shadow = connection.settings_dict["NAME"] + "_shadow"
        self._sql("CREATE DATABASE %s CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"
                  % self._shadow)
        self._users = [user.pk for user in database.users(learners)]

    def drop_schemas(self):
        from tests.standin import database

        self._sql("DROP DATABASE %s" % self._shadow)
        database.drop_schema()

    def begins(self, step):
        print("%s ..." % step, flush=True)
        self._steps.append((step, time.time()))

    def compare_shadow(self, since):
        """Rows written since then are in the shadow's table too, with the same value.

        But for a few: nobody waits long for a copy, and a busy machine loses some.
        """
        columns = ("SELECT user_id, course_key, block_key, completion"
                   " FROM %s.completion_blockcompletion")
        shadow = set(self._sql(columns % self._shadow))
        main = set(self._sql("SELECT user_id, course_key, block_key, completion FROM"
                             " completion_blockcompletion WHERE modified > FROM_UNIXTIME(%s)",
                             [since + 0.1], zone="+00:00"))
        there = {row[:3] for row in self._sql(columns % self._own())}
        differ = (main - shadow) | {row for row in shadow if row[:3] not in there}
        print("  shadow: %d rows; %d written since, %d differ" % (
            len(shadow), len(main), len(differ)))
        if len(differ) * 10 > len(main):
            self._find("the shadow differs", "%s and others" % (differ.pop(),))

    def wait_for_empty_outbox(self, seconds=60):
        end = time.monotonic() + seconds
        while self._sql("SELECT 1 FROM completion_writebehind_outbox LIMIT 1"):
            if time.monotonic() > end:
                self._find("the outbox does not empty", "within %d s" % seconds)
                return
            time.sleep(0.1)

    def verdict(self):
        """Compares everything, prints the table, answers whether nothing was found."""
        from watching import aggregate

        calls, heard = _lines(self._calls_file), _lines(self._heard_file)
        expected, new_wrong = self._replay(calls)
        rows = self._rows()
        self._judge_rows(expected, rows)
        self._judge_news(expected, rows, heard)
        unseen = self._judge_gate(calls, heard)
        while aggregate.aggregate():
            pass
        for user in aggregate.wrong(self._users):
            self._find("the aggregation is wrong", "of user %d" % user)
        self._print(calls, heard, unseen, new_wrong)
        return not self._findings

    def _replay(self, calls):
        """What the calls leave, in their order: values, when they came and were last set."""
        expected, new_wrong = {}, Counter()
        for call in calls:
            user, exact = call["user"], call["step"] in ("direct", "shadowed", "committed")
            if "error" in call:
                self._find("an error in %s" % call["step"], call["error"])
            elif call["kind"] == "reset":
                expected = {key: kept for key, kept in expected.items() if key[0] != user}
            elif call["kind"] != "rollback":
                for (block, value), new in zip(call["writes"], call["new"]):
                    before = expected.get((user, block))
                    if exact and new != (before is None):
                        new_wrong[call["step"]] += 1
                        print("  is_new %s, before %s: %s" % (new, before, call))
                    came = before[1] if before and before[0] == value else call["begin"]
                    expected[user, block] = value, came, call["end"]
        return expected, new_wrong

    def _rows(self):
        return {(user, block): (id, value, modified) for id, user, block, value, modified in
                self._sql("SELECT id, user_id, block_key, completion, CAST(UNIX_TIMESTAMP(modified)"
                          " AS DOUBLE) FROM completion_blockcompletion", zone="+00:00")}

    def _judge_rows(self, expected, rows):
        for key in expected.keys() | rows.keys():
            want, have = expected.get(key), rows.get(key)
            if want is None or have is None or want[0] != have[1]:
                self._find("a row is wrong", "%s: %s, not %s" % (key, have, want))
            elif not want[1] - SKEW <= have[2] <= want[2] + SKEW:
                self._find("a time is wrong", "%s: %s, not %s" % (key, have, want))

    def _judge_news(self, expected, rows, heard):
        latest, new = {}, Counter()
        for line in heard:
            latest[line["row"], line["value"]] = line["at"]
            new[line["row"]] += line["new"]
        for key in expected.keys() & rows.keys():
            id, value, _ = rows[key]
            if latest.get((id, value), 0) < expected[key][1] - SKEW:
                self._find("the last news is missing", "%s: %s" % (key, expected[key]))
            if not new[id]:
                self._find("the news of a new row is missing", key)
        again = sum(count - 1 for count in new.values() if count > 1)
        print("  rows %d, heard %d, of these new rows more than once %d" % (
            len(rows), len(heard), again))

    def _judge_gate(self, calls, heard):
        """What could not be read at once is wrong, unless a reset took it."""
        resets = defaultdict(list)
        for call in calls:
            if call["kind"] == "reset":
                resets[call["user"]].append((call["begin"], call["end"]))
        unseen = []
        for line in heard:
            if not line["fresh"] and not any(
                    begin <= line["at"] and end >= line["modified"]
                    for begin, end in resets[line["user"]]):
                unseen.append(line["at"])
                self._find("announced, but not to be read", line)
        return unseen

    def _print(self, calls, heard, unseen, new_wrong):
        table = [COLUMNS]
        ends = [at for _, at in self._steps[1:]] + [float("inf")]
        for (step, begin), end in zip(self._steps, ends):
            of_step = [call for call in calls if begin <= call["begin"] < end]
            took = sorted(call["end"] - call["begin"] for call in of_step) or [0]
            table.append((
                step, len(of_step), sum("error" in call for call in of_step),
                "%.1f" % (1000 * took[len(took) // 2]),
                "%.1f" % (1000 * took[len(took) * 99 // 100]),
                sum(begin <= line["at"] < end for line in heard),
                sum(begin <= at < end for at in unseen), new_wrong[step]))
        widths = [max(len(str(row[i])) for row in table) for i in range(len(COLUMNS))]
        for row in table:
            print("  ".join(str(cell).ljust(width) for cell, width in zip(row, widths)).rstrip())
        for what, count in Counter(what for what, _ in self._findings).items():
            print("%s: %d times" % (what, count))
            for detail in [d for w, d in self._findings if w == what][:MOST_SHOWN]:
                print("    %s" % (detail,))
        print("nothing wrong" if not self._findings else "%d findings" % len(self._findings))

    def _find(self, what, detail):
        self._findings.append((what, detail))

    def _own(self):
        from django.db import connection

        return connection.settings_dict["NAME"]

    @staticmethod
    def _sql(sql, values=None, zone=None):
        from django.db import close_old_connections, connection

        close_old_connections()
        with connection.cursor() as cursor:
            if zone:
                cursor.execute("SET time_zone = %s", [zone])
            cursor.execute(sql, values)
            return cursor.fetchall() if cursor.description else ()


def _lines(path):
    with open(path) as lines:
        return [json.loads(line) for line in lines]
