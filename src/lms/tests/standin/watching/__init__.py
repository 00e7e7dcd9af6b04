"""A plugin of a site that checks itself: what plugins of Open edX rely on when they hear of a row.

It gates, as prerequisites do: what another connection reads at once has to be what it was told of,
or newer. It aggregates, as completion-aggregator does: it marks a learner as stale, another process
adds up the learner's rows, and what it then has must be what the table says.

WATCHING_FILE  where it writes down what it heard, for `rehearsal`
"""
