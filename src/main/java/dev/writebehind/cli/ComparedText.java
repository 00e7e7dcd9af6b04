package dev.writebehind.cli;

import dev.writebehind.store.Compared;
import dev.writebehind.store.ComparedRow;
import dev.writebehind.store.Difference;
import dev.writebehind.store.Difference.Kind;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What came of a comparison, for people and for programs; stateless. */
final class ComparedText {
    private ComparedText() {}

    static List<String> lines(Compared compared) {
        List<String> lines = new ArrayList<>(differences(compared));
        lines.add(Words.number(compared.here()) + " rows here, " + Words.number(compared.there()) + " there: "
                + Words.number(compared.same()) + " are the same"
                + (compared.different() == 0 ? ", none differs" : ""));
        for (Kind kind : Kind.values()) {
            if (compared.count(kind) > 0) {
                lines.add(Words.number(compared.count(kind)) + " " + words(kind));
            }
        }
        if (compared.settled() > 0) {
            lines.add(Words.number(compared.settled()) + " were on their way: looked at again, they do not differ");
        }
        if (compared.speltOtherwise() > 0) {
            lines.add(Words.number(compared.speltOtherwise())
                    + " of the same have their key spelt otherwise, which the tables hold equal");
        }
        if (compared.otherTimes() > 0) {
            lines.add(Words.number(compared.otherTimes())
                    + " of the same were created or modified at other times, modified by " + seconds(compared)
                    + " at most");
        }
        return lines;
    }

    private static List<String> differences(Compared compared) {
        if (compared.different() == 0) {
            return List.of();
        }
        Table table = new Table();
        for (Difference each : compared.differences()) {
            ComparedRow.RowKey key = each.any().key();
            table.row(label(each.kind()), "user " + key.userId(), key.courseKey(), key.blockKey(), what(each));
        }
        List<String> lines = new ArrayList<>(table.lines());
        long more = compared.different() - compared.differences().size();
        if (more > 0) {
            lines.add("… and " + Words.number(more) + " more (--limit)");
        }
        return lines;
    }

    private static String label(Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    private static String words(Kind kind) {
        return switch (kind) {
            case MISSING -> "missing: there and not here";
            case EXTRA -> "extra: here and not there";
            case VALUE -> "with another completion";
            case TYPE -> "with another block_type";
            case TIMES -> "created or modified at other times";
        };
    }

    private static String what(Difference difference) {
        return side("here", difference.kind(), difference.here())
                + (difference.here() != null && difference.there() != null ? ", " : "")
                + side("there", difference.kind(), difference.there());
    }

    private static String side(String name, Kind kind, @Nullable ComparedRow row) {
        if (row == null) {
            return "";
        }
        String times = kind == Kind.TIMES ? " created " + Words.micros(row.createdAt()) : "";
        String what = kind == Kind.TYPE ? row.blockType() : String.valueOf(row.completion());
        return name + " " + what + times + " modified " + Words.micros(row.modifiedAt());
    }

    private static String seconds(Compared compared) {
        return String.format(Locale.ROOT, "%.6f s", compared.mostApart() / 1e6);
    }

    static JsonObject json(Compared compared) {
        JsonArray differences = new JsonArray();
        compared.differences().forEach(each -> differences.add(json(each)));
        JsonObject counts = new JsonObject();
        for (Kind kind : Kind.values()) {
            counts.put(label(kind), compared.count(kind));
        }
        return new JsonObject()
                .put("identical", compared.different() == 0)
                .put("rows_here", compared.here())
                .put("rows_there", compared.there())
                .put("same", compared.same())
                .put("different", counts)
                .put("settled", compared.settled())
                .put("spelt_otherwise", compared.speltOtherwise())
                .put("other_times", compared.otherTimes())
                .put("most_apart_micros", compared.mostApart())
                .put("differences", differences);
    }

    private static JsonObject json(Difference difference) {
        ComparedRow.RowKey key = difference.any().key();
        return new JsonObject()
                .put("kind", label(difference.kind()))
                .put("user_id", key.userId())
                .put("course_key", key.courseKey())
                .put("block_key", key.blockKey())
                .put("here", json(difference.here()))
                .put("there", json(difference.there()));
    }

    private static @Nullable JsonObject json(@Nullable ComparedRow row) {
        return row == null
                ? null
                : new JsonObject()
                        .put("id", row.id())
                        .put("course_key", row.key().courseKey())
                        .put("block_key", row.key().blockKey())
                        .put("block_type", row.blockType())
                        .put("completion", row.completion())
                        .put("created", Words.micros(row.createdAt()))
                        .put("modified", Words.micros(row.modifiedAt()));
    }
}
