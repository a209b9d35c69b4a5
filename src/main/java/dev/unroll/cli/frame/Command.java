package dev.unroll.cli.frame;

import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/** A subcommand: its settings in, the JSON object of the last line out. */
public interface Command {
    String name();

    String description();

    /** Keys of the command itself, with their descriptions. */
    Map<String, String> keys();

    /** Names of what stands behind the command without a key, in their order; settings have them under these names. */
    default List<String> parameters() {
        return List.of();
    }

    /** Whether the training keys belong to the command too. */
    default boolean trains() {
        return false;
    }

    /** Whether the keys of the transformers belong to the command too. */
    default boolean prepares() {
        return false;
    }

    /** Looks at the settings alone, before anything is started. */
    default void check(Settings settings) {}

    /** Whether a session is needed. */
    default boolean usesSpark(Settings settings) {
        return true;
    }

    /** @param spark the session; null where none is needed */
    Map<String, ?> run(SparkSession spark, Settings settings) throws Exception;
}
