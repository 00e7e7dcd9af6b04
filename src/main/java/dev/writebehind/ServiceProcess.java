package dev.writebehind;

import dev.writebehind.config.LiveSettings;
import dev.writebehind.journal.DamagedJournalException;
import dev.writebehind.journal.UnusableJournalException;
import dev.writebehind.journal.kafka.UnfitTopicException;
import dev.writebehind.store.UnfitSchemaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The service as a process of its own, which a signal stops in order. Used by the main thread. */
public final class ServiceProcess {
    private static final Logger log = LoggerFactory.getLogger(ServiceProcess.class);

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
        try {
            service.startAndWait();
            return true;
        } catch (UnfitSchemaException | UnfitTopicException | DamagedJournalException | UnusableJournalException e) {
            log.error("The service does not start: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
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

    private static void stop(Service service, Runnable afterStop) {
        int status = service.stopAndWait();
        afterStop.run();
        Exit.halt(status);
    }
}
