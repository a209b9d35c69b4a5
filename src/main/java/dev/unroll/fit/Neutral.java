package dev.unroll.fit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The value of a component with which a training has the bits that it had before the component existed. At this value the {@link
 * Fingerprint} has no entry of it, so checkpoints that are older than the component can be resumed.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
@interface Neutral {
    String value();
}
