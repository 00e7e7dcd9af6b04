package dev.writebehind.config;

import java.io.Serial;

/** The failure of a start by a wrong setting; it says which, and why. */
public final class InvalidSettingException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final String path;

    /**
     * @param path the key's path, for example {@code flush.interval}
     * @param reason completes the sentence that begins with the path
     */
    public InvalidSettingException(String path, String reason) {
        super(path + " " + reason);
        this.path = path;
    }

    /** Returns the key's path. */
    public String path() {
        return path;
    }
}
