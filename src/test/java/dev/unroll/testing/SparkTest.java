package dev.unroll.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test class, or a single test, that needs Spark. Static fields of type {@code SparkSession} are set to a session of the class's own before
 * its first test, and parameters of type {@code SparkSession} or {@code JavaSparkContext} (of tests, of constructors, of methods that run
 * before tests) are filled in. Nothing need be stopped.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(SparkExtension.class)
@Tag("spark")
public @interface SparkTest {

    /**
     * Settings, each {@code key=value}. Those of {@code spark.sql} are the session's and cost nothing; any other needs a context of its
     * own, a second or two.
     */
    String[] settings() default {};
}
