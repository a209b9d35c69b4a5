package dev.unroll.cli.frame;

import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;

/** A subcommand: its settings in, the JSON object of the last line out. */
public interface Command {
    String name();

    String description();

    /** The keys of the command itself. */
    default List<Option> options() {
        return List.of();
    }

    /** Arguments that are given without a key, in their order; settings have them under their names. */
    default List<Option> arguments() {
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

    /**
     * Checks whether the settings go together, before anything is started; each value alone has been checked already.
     */
    default void check(Settings settings) {}

    /** Which keys are paths that are read or written; they are compared before anything is done. */
    default CommandPaths paths(Settings settings) {
        return CommandPaths.of(settings);
    }

    /** Whether a session is needed. */
    default boolean usesSpark(Settings settings) {
        return true;
    }

    /**
     * Does the work.
     *
     * @param spark the session; null where none is needed
     * @return the JSON object of the last line of standard output
     */
    Map<String, ?> run(SparkSession spark, Settings settings) throws Exception;
}
