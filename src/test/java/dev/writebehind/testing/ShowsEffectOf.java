package dev.writebehind.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The keys of settings that a test gives values of its own, and whose effect it would miss. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface ShowsEffectOf {
    /** The keys, as the settings' file names them. */
    String[] value();
}
