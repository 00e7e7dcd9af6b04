package dev.writebehind;

import dev.writebehind.config.Reload;
import io.vertx.core.Future;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The signal SIGHUP, by which daemons are asked to read their settings again. Stateless.
 *
 * <p>Java gives signals by {@code sun.misc.Signal} alone, of the module {@code jdk.unsupported}; a compiler that takes
 * warnings for errors lets nobody name it.
 */
final class ReloadSignal {
    private static final Logger log = LoggerFactory.getLogger(ReloadSignal.class);

    private ReloadSignal() {}

    /** Has the signal reload, unless it would tell that the terminal is gone in which the service was started. */
    static void install(Supplier<Future<Reload>> reloading) {
        if (isAtTerminal()) {
            return;
        }
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object reload = Proxy.newProxyInstance(
                    handler.getClassLoader(), new Class<?>[] {handler}, (self, method, given) -> {
                        if (method.getName().equals("handle")) {
                            reload(reloading);
                        }
                        return null;
                    });
            Object hup = signal.getConstructor(String.class).newInstance("HUP");
            signal.getMethod("handle", signal, handler).invoke(null, hup, reload);
        } catch (InvocationTargetException e) {
            log.info("SIGHUP does not reload the settings here: {}", String.valueOf(e.getCause()));
        } catch (ReflectiveOperationException e) {
            log.info("SIGHUP does not reload the settings here", e);
        }
    }

    private static boolean isAtTerminal() {
        try {
            Path input = Path.of("/proc/self/fd/0").toRealPath();
            return input.startsWith("/dev/pts") || input.toString().startsWith("/dev/tty");
        } catch (IOException e) {
            log.debug("Whether there is a terminal can't be told", e);
            return false;
        }
    }

    private static void reload(Supplier<Future<Reload>> reloading) {
        reloading.get().onFailure(failure -> log.warn("The settings are not reloaded: {}", failure.getMessage()));
    }
}
