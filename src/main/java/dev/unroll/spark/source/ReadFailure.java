package dev.unroll.spark.source;

import dev.unroll.data.InputException;
import dev.unroll.format.Reason;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.AnalysisException;

/** What Spark throws where a file cannot be read or a query does not fit the data, as one sentence. */
public final class ReadFailure {

    private ReadFailure() {}

    /** The failure in a person's words; empty if it is of another kind. */
    public static Optional<InputException> of(Throwable thrown) {
        for (Throwable e : Reason.chain(thrown)) {
            if (e instanceof InputException known) {
                return Optional.of(known);
            }
            if (e instanceof SparkThrowable spark
                    && "FAILED_READ_FILE.PARQUET_COLUMN_DATA_TYPE_MISMATCH".equals(spark.getCondition())) {
                return Optional.of(new InputException(otherType(spark.getMessageParameters()), thrown));
            }
            if (isUnreadableFile(e)) {
                String file = ((SparkThrowable) e).getMessageParameters().get("path");
                return Optional.of(new InputException(
                        "cannot read " + (file == null ? "a file" : SourceFiles.shown(file)) + ": " + reason(e),
                        thrown));
            }
            if (e instanceof SparkThrowable spark && "USER_RAISED_EXCEPTION".equals(spark.getCondition())) {
                // What a transformer says of an event: the only code that raises anything in a query.
                return Optional.of(
                        new InputException(spark.getMessageParameters().get("errorMessage"), thrown));
            }
            if (e instanceof SparkThrowable spark && "PATH_NOT_FOUND".equals(spark.getCondition())) {
                return Optional.of(new InputException(
                        "there is no file "
                                + SourceFiles.shown(spark.getMessageParameters().get("path")),
                        thrown));
            }
            if (e instanceof AnalysisException) {
                return Optional.of(new InputException(sentence(e), thrown));
            }
        }
        return Optional.empty();
    }

    private static String otherType(Map<String, String> of) {
        return SourceFiles.shown(of.get("path")) + ": column "
                + BadRow.shown(of.get("column").replaceAll("^\\[|]$", ""))
                + " is of another type than in the first of the files (" + of.get("actualType") + ", not "
                + of.get("expectedType") + "); write files that are read together with the same types";
    }

    private static boolean isUnreadableFile(Throwable e) {
        String condition = e instanceof SparkThrowable spark ? spark.getCondition() : null;
        return condition != null && (condition.startsWith("FAILED_READ_FILE") || condition.startsWith("CANNOT_READ"));
    }

    /** What the innermost failure says. */
    static String reason(Throwable thrown) {
        List<Throwable> chain = Reason.chain(thrown);
        return chain.get(chain.size() - 1).getMessage() == null
                ? "what it holds cannot be decoded"
                : BadRow.shown(Reason.of(thrown));
    }

    private static String sentence(Throwable e) {
        return BadRow.shown(e.getMessage() == null ? "what it holds cannot be decoded" : Reason.message(e));
    }
}
