package dev.writebehind;

/** The version of this program, as its jar states it; stateless. */
public final class Version {
    private Version() {}

    /** Returns it, or that there is no jar. */
    public static String number() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "(not packaged)" : version;
    }

    /** Returns it with the program's name and the Java that runs it. */
    public static String text() {
        return "writebehind " + number() + " on Java " + Runtime.version().feature();
    }
}
