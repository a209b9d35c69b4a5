package dev.unroll.fit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a component of the configuration that determines bits through what was made of it, such as the size of the network or the hash of
 * the rows: these entries of the {@link Fingerprint} hold it.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
@interface HeldIn {
    String[] value();
}
