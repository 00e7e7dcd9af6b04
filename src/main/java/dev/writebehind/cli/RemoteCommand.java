package dev.writebehind.cli;

import dev.writebehind.config.AuthSettings;
import dev.writebehind.config.InvalidSettingException;
import dev.writebehind.config.ManagementSettings;
import dev.writebehind.config.Secret;
import dev.writebehind.config.TlsSettings;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A command that asks something of the running service over its management port. Blocks the calling thread. */
abstract class RemoteCommand implements Callable<Integer> {
    static final String TOKENS_VARIABLE = "WRITEBEHIND_MANAGEMENT_TOKENS";

    final SettingsSource source;
    private final PrintStream out;
    private final PrintStream err;

    @Option(
            names = "--management",
            paramLabel = "URL",
            description = "Where the service's management port is; else as the settings say.")
    private @Nullable String given;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "A file whose first line is a token of the management port; else the first of the settings,"
                    + " of which WRITEBEHIND_MANAGEMENT_TOKENS goes before the others.")
    private @Nullable Path tokenFile;

    @Option(
            names = "--ca-file",
            paramLabel = "FILE",
            description = "Certificates (PEM) of the authorities that are believed, where the port speaks HTTPS; else"
                    + " those that Java trusts or, where the settings say where the port is, its own certificate.")
    private @Nullable Path authorities;

    RemoteCommand(SettingsSource source, PrintStream out, PrintStream err) {
        this.source = source;
        this.out = out;
        this.err = err;
    }

    /** Does what the command is for and returns its exit code; what it can't is a {@link RemoteFailure}. */
    abstract int run(ManagementClient service);

    @Override
    public Integer call() {
        return run(connect());
    }

    /** Returns the running service; whether it answers is not known yet. */
    final ManagementClient connect() {
        if (given != null) {
            return new ManagementClient(parsed(given), token(List.of(), null), trust(null));
        }
        ManagementSettings settings = source.management();
        if (settings.tls().clientAuth() == TlsSettings.ClientAuth.REQUIRED) {
            throw new RemoteFailure(
                    ExitStatus.USAGE,
                    "The management port wants a certificate of everybody (management.tls.client-auth: required), and"
                            + " commands have none to show: ask by another client, or set it to request");
        }
        return new ManagementClient(
                address(settings),
                token(settings.tokens(), settings.tokensFile()),
                trust(settings.tls().certificate()));
    }

    private @Nullable String token(List<Secret> ofSettings, @Nullable Path fileOfSettings) {
        if (tokenFile != null) {
            return read(tokenFile);
        }
        Optional<String> inVariable = tokens(source.variable(TOKENS_VARIABLE).split(",", -1));
        if (inVariable.isPresent()) {
            return usable(inVariable.get(), TOKENS_VARIABLE);
        }
        if (!ofSettings.isEmpty()) {
            return ofSettings.get(0).value();
        }
        return fileOfSettings == null ? null : read(fileOfSettings);
    }

    private static String usable(String token, String place) {
        String fault = AuthSettings.faultOfToken(token);
        if (fault != null) {
            throw new RemoteFailure(ExitStatus.USAGE, "The token in " + place + " " + fault);
        }
        return token;
    }

    private @Nullable SSLContext trust(@Nullable Path ofSettings) {
        if (authorities != null) {
            return Trust.inAuthorities(authorities);
        }
        return ofSettings == null ? null : Trust.in(ofSettings);
    }

    final void say(String line) {
        out.println(line);
    }

    final void complain(String line) {
        err.println(Terminal.plain(line));
    }

    final void say(List<String> lines) {
        lines.forEach(out::println);
    }

    /** Prints something at once, as it is. */
    final void draw(String text) {
        out.print(text);
        out.flush();
    }

    private static URI address(ManagementSettings settings) {
        if (settings.port() == 0) {
            throw new InvalidSettingException(
                    "management.port", "is 0, any that is free: say by --management URL which one it is");
        }
        String host = settings.host();
        String here = switch (host) {
            case "0.0.0.0" -> "127.0.0.1";
            case "::" -> "[::1]";
            default -> host.contains(":") ? "[" + host + "]" : host;
        };
        String scheme = settings.tls().isOn() ? "https://" : "http://";
        return parsed(scheme + here + ":" + settings.port());
    }

    private static URI parsed(String text) {
        String url = text.contains("://") ? text : "http://" + text;
        try {
            URI uri = URI.create(url.replaceFirst("/+$", ""));
            boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            if (http && uri.getHost() != null && uri.getRawQuery() == null && uri.getRawUserInfo() == null) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // told below
        }
        throw new RemoteFailure(
                ExitStatus.USAGE,
                "The address " + text + " is none: write it as http://host:8081 or https://host:8081");
    }

    private static String read(Path file) {
        try {
            String token = tokens(Files.readString(file).split("\n", -1))
                    .orElseThrow(() -> new RemoteFailure(ExitStatus.USAGE, "There is no token in " + file));
            return usable(token, file.toString());
        } catch (IOException e) {
            throw new RemoteFailure(ExitStatus.USAGE, "The token can't be read: " + e, e);
        }
    }

    private static Optional<String> tokens(String... texts) {
        return Stream.of(texts)
                .map(String::strip)
                .filter(text -> !text.isEmpty() && !text.startsWith("#"))
                .findFirst();
    }
}
