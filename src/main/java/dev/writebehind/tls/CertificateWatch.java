package dev.writebehind.tls;

import dev.writebehind.condition.ConditionName;
import dev.writebehind.condition.ConditionName.Subject;
import dev.writebehind.condition.Conditions;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The watch for changes of the ports' certificates, on a thread of its own: it may hang on a file system. Safe for any
 * thread.
 */
public final class CertificateWatch implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CertificateWatch.class);
    private static final long LOOK_MILLIS = 500;

    private final List<ServerCertificate> certificates;
    private final Conditions conditions;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread own = new Thread(task, "certificates");
        own.setDaemon(true);
        return own;
    });

    private @Nullable ScheduledFuture<?> looking;

    CertificateWatch(List<ServerCertificate> certificates, Conditions conditions) {
        this.certificates = List.copyOf(certificates);
        this.conditions = conditions;
    }

    /** Begins to look at those that there are. */
    public static CertificateWatch begin(Conditions conditions, @Nullable ServerCertificate... certificates) {
        CertificateWatch watch = new CertificateWatch(
                Stream.of(certificates).filter(Objects::nonNull).collect(Collectors.toList()), conditions);
        if (!watch.certificates.isEmpty()) {
            watch.looking = watch.thread.scheduleWithFixedDelay(
                    watch::lookSafely, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
        return watch;
    }

    /** Ends it: the certificates stay as they are. */
    @Override
    public void close() {
        if (looking != null) {
            looking.cancel(true);
        }
        thread.shutdownNow();
    }

    private void lookSafely() {
        try {
            look();
        } catch (RuntimeException | Error e) {
            log.error("The certificates can't be looked at; it is tried again", e);
        }
    }

    void look() {
        String faults = certificates.stream()
                .map(ServerCertificate::look)
                .filter(Objects::nonNull)
                .collect(Collectors.joining("; "));
        if (!faults.isEmpty()) {
            conditions.begin(
                    ConditionName.CERTIFICATE_UNREADABLE, "The certificate that is known stays in force", faults);
        } else if (certificates.stream().noneMatch(ServerCertificate::isSuspected)) {
            conditions.end(Subject.CERTIFICATE, "The certificates can be read again");
        }
    }
}
