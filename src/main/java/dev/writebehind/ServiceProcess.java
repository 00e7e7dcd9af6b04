package dev.writebehind;

import dev.writebehind.config.LiveSettings;
import dev.writebehind.journal.DamagedJournalException;
import dev.writebehind.journal.UnusableJournalException;
import dev.writebehind.journal.kafka.UnfitTopicException;
import dev.writebehind.store.UnfitSchemaException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The service as a process of its own, which a signal stops in order. Used by the main thread. */
public final class ServiceProcess {
    private static final Logger log = LoggerFactory.getLogger(ServiceProcess.class);

    /** For callers under way to be told no, and whoever asks for readiness. */
    private static final Duration LAST_ANSWERS = Duration.ofSeconds(1);

    private ServiceProcess() {}

    /**
     * Starts the service. Returns whether it serves now, until a signal comes; the log says why if not.
     *
     * @param afterStop is run by the process's end, when the service has stopped
     */
    public static boolean start(LiveSettings settings, Runnable afterStop) {
        tell(settings);
        Service service;
        try {
            service = Service.create(settings);
        } catch (UnusableJournalException e) {
            log.error("The service does not start: {}", e.getMessage());
            return false;
        }
        ReloadSignal.install(service::reload);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(service, afterStop), "shutdown"));
        service.failure().thenAccept(why -> new Thread(() -> end(why), "end of a failed instance").start());
        try {
            service.startAndWait();
            return true;
        } catch (UnfitSchemaException | UnfitTopicException | DamagedJournalException | UnusableJournalException e) {
            log.error("The service does not start: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            if (service.isStopping()) {
                log.debug("The start is cut short by a signal", e); // whose handler ends the process
                return false;
            }
            log.error("The service does not start", e);
        }
        Exit.halt(Exit.FAILED);
        return false;
    }

    private static void tell(LiveSettings settings) {
        log.info(
                "{} starts with {}",
                Version.text(),
                settings.unusual().isEmpty()
                        ? "every setting as it is by default"
                        : String.join(", ", settings.unusual()));
    }

    /** Not in order: what this instance holds is of no use any more, and all of it is in the log. */
    private static void end(String why) {
        log.error(
                "The process ends with exit code {} and has to be started anew; it begins with what the log has then: {}",
                Exit.FAILED,
                why);
        try {
            Thread.sleep(LAST_ANSWERS.toMillis());
        } catch (InterruptedException e) {
            log.debug("The last answers are not waited for", e);
        }
        Exit.halt(Exit.FAILED);
    }

    private static void stop(Service service, Runnable afterStop) {
        int status = service.stopAndWait();
        afterStop.run();
        Exit.halt(status);
    }
}
