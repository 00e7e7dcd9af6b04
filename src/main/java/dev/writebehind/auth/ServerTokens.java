package dev.writebehind.auth;

import dev.writebehind.blocking.Blocking;
import dev.writebehind.condition.ConditionName;
import dev.writebehind.condition.Conditions;
import dev.writebehind.config.AuthSettings;
import dev.writebehind.config.InvalidSettingException;
import dev.writebehind.config.ManagementSettings;
import dev.writebehind.config.Secret;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tokens of servers, from the settings and a file that may change. Only their hashes are kept, all of one length,
 * and every one is compared, so that the time taken tells nothing about them. Safe for any thread.
 */
public final class ServerTokens {
    private static final Logger log = LoggerFactory.getLogger(ServerTokens.class);
    private static final Duration LOOK = Duration.ofSeconds(2);
    private static final long MAX_FILE_BYTES = 1024 * 1024;

    private final List<byte[]> configured;
    private final @Nullable Path file;
    private final Condition condition;
    private final Conditions conditions;
    private volatile List<byte[]> hashes;
    private List<byte[]> fromFile;

    private ServerTokens(
            List<byte[]> configured,
            @Nullable Path file,
            List<byte[]> fromFile,
            Condition condition,
            Conditions conditions) {
        this.condition = condition;
        this.configured = configured;
        this.file = file;
        this.fromFile = fromFile;
        this.conditions = conditions;
        this.hashes = joined(configured, fromFile);
    }

    /** The settings that name the file, and what is wrong where it can't be read. */
    private record Condition(String setting, ConditionName name) {}

    /** Reads those of the public port, or throws {@link InvalidSettingException}. */
    static ServerTokens load(AuthSettings settings, Conditions conditions) {
        ServerTokens tokens = load(
                settings.tokens(),
                settings.tokensFile(),
                new Condition("auth.tokens-file", ConditionName.TOKENS_FILE_UNREADABLE),
                conditions);
        if (settings.mode() == AuthSettings.Mode.TOKEN) {
            tokens.requireAny();
        }
        return tokens;
    }

    /** Reads those of the management port, or throws {@link InvalidSettingException}; blocks. */
    public static ServerTokens ofManagement(Vertx vertx, ManagementSettings settings, Conditions conditions) {
        ServerTokens tokens = load(
                settings.tokens(),
                settings.tokensFile(),
                new Condition("management.tokens-file", ConditionName.MANAGEMENT_TOKENS_UNREADABLE),
                conditions);
        if (settings.isGuarded()) {
            tokens.requireAny();
        }
        tokens.watch(vertx);
        return tokens;
    }

    private static ServerTokens load(
            List<Secret> listed, @Nullable Path file, Condition condition, Conditions conditions) {
        List<byte[]> configured =
                listed.stream().map(Secret::value).map(Sha256::of).toList();
        List<byte[]> fromFile = file == null ? List.of() : read(condition.setting(), file);
        if (file != null && isReadableByOthers(file)) {
            log.warn(
                    "{} is {}, which other users of this machine can read: make it its owner's alone (chmod 600)",
                    condition.setting(),
                    file);
        }
        return new ServerTokens(configured, file, fromFile, condition, conditions);
    }

    private void requireAny() {
        if (hashes.isEmpty()) {
            throw new InvalidSettingException(condition.setting(), "is " + file + ", which holds no token");
        }
    }

    /** Looks at the file from time to time, if there is one. */
    void watch(Vertx vertx) {
        if (file != null) {
            vertx.setPeriodic(
                    LOOK.toMillis(),
                    look -> Blocking.run(vertx, this::reload)
                            .onFailure(failure -> log.warn("The tokens' file can't be looked at", failure)));
        }
    }

    /** Where the file system knows of no such thing, it is not told. */
    private static boolean isReadableByOthers(Path file) {
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
            return permissions.contains(PosixFilePermission.GROUP_READ)
                    || permissions.contains(PosixFilePermission.OTHERS_READ);
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    /** Whether that is one of them. */
    public boolean contains(String token) {
        byte[] shown = Sha256.of(token);
        boolean found = false;
        for (byte[] known : hashes) {
            found |= MessageDigest.isEqual(known, shown);
        }
        return found;
    }

    /** Reads the file again; blocks. What is wrong with it leaves the known tokens in force. */
    synchronized void reload() {
        if (file == null) {
            return;
        }
        try {
            List<byte[]> now = read(condition.setting(), file);
            if (!Arrays.deepEquals(now.toArray(), fromFile.toArray())) {
                fromFile = now;
                hashes = joined(configured, now);
                log.info("{} tokens read from {}", now.size(), file);
            }
            conditions.end(condition.name().subject(), file + " can be read again");
        } catch (InvalidSettingException e) {
            log.debug("The tokens' file can't be taken", e);
            conditions.begin(condition.name(), "The known tokens stay in force", String.valueOf(e.getMessage()));
        }
    }

    private static List<byte[]> joined(List<byte[]> some, List<byte[]> more) {
        List<byte[]> all = new ArrayList<>(some);
        all.addAll(more);
        return List.copyOf(all);
    }

    private static List<byte[]> read(String setting, Path file) {
        List<byte[]> tokens = new ArrayList<>();
        int number = 0;
        for (String line : lines(setting, file)) {
            number++;
            String token = line.strip();
            if (token.isEmpty() || token.startsWith("#")) {
                continue;
            }
            String fault = AuthSettings.faultOfToken(token);
            if (fault != null) {
                throw new InvalidSettingException(
                        setting, "is " + file + ", whose line " + number + " holds a token that " + fault);
            }
            tokens.add(Sha256.of(token));
        }
        return List.copyOf(tokens);
    }

    private static List<String> lines(String setting, Path file) {
        try {
            if (Files.size(file) > MAX_FILE_BYTES) {
                throw new InvalidSettingException(setting, "is " + file + ", which is too large for tokens");
            }
            return Files.readAllLines(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new InvalidSettingException(setting, "is " + file + ", which can't be read: " + e);
        }
    }
}
