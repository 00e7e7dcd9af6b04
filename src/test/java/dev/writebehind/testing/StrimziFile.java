package dev.writebehind.testing;

import java.io.IOException;

/** What {@code src/packaging/kubernetes-shared-log/strimzi.yaml} holds, read as Strimzi's own types. Stateless. */
public final class StrimziFile {
    /** The file. */
    public static final String NAME = "kubernetes-shared-log/strimzi.yaml";

    private StrimziFile() {}

    /** Returns the only object of that kind. */
    public static <T> T only(Class<T> type) throws IOException {
        return StrictYaml.only(Packaging.read(NAME), type);
    }
}
