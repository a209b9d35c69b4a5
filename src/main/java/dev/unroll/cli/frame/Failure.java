package dev.unroll.cli.frame;

import dev.unroll.data.InputException;
import dev.unroll.data.Printable;
import dev.unroll.format.FormatException;
import dev.unroll.format.Reason;
import dev.unroll.spark.source.ReadFailure;
import dev.unroll.train.TrainingException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;

/**
 * What a command says where it fails: the one place that makes an exit code and a sentence of a cause, however it is
 * wrapped. What a user can mend is code 2, and what is ours is code 1.
 *
 * @param sentence one line without a character that is not seen, 400 with the name of the program before it
 */
public record Failure(int code, String sentence) {

    private static final int FAILED = 1;
    private static final int USAGE = 2;
    private static final int MOST = 400 - "unroll: ".length();

    private static final Pattern MASTER = Pattern.compile("Could not parse Master URL: '(.*)'");
    private static final Pattern CPUS =
            Pattern.compile("cores per executor \\(=(\\d+)\\) has to be >= the number of cpus per task = (\\d+)");

    public Failure {
        sentence = Printable.sentence(sentence, MOST);
    }

    /** The failure in a person's words. */
    public static Failure of(Throwable thrown) {
        List<Throwable> chain = Reason.chain(thrown);
        for (Throwable e : chain) {
            if (e instanceof TrainingException) {
                return new Failure(FAILED, Reason.message(e));
            }
            if (isOurWord(e)) {
                return new Failure(USAGE, Reason.message(e));
            }
        }
        Optional<String> mendable = Reason.known(thrown).or(() -> setting(chain));
        if (mendable.isPresent()) {
            return new Failure(USAGE, mendable.get());
        }
        for (Throwable e : chain) {
            if (e instanceof IllegalArgumentException && (e == thrown || isThrownHere(e))) {
                return new Failure(USAGE, Reason.message(e));
            }
        }
        // Spark's own word on input that cannot be read, or on a query that cannot be made from it.
        Optional<InputException> unreadable = ReadFailure.of(thrown);
        return unreadable
                .map(e -> new Failure(USAGE, Reason.message(e)))
                .orElseGet(() -> new Failure(FAILED, internal(chain)));
    }

    /** What was thrown with a sentence for the user. */
    private static boolean isOurWord(Throwable e) {
        return e instanceof CommandLine.ParameterException
                || e instanceof UsageException
                || e instanceof InputException
                || e instanceof FormatException;
    }

    private static boolean isThrownHere(Throwable e) {
        StackTraceElement[] trace = e.getStackTrace();
        return trace.length > 0 && trace[0].getClassName().startsWith("dev.unroll.");
    }

    /** A setting of Spark's that does not go. */
    private static Optional<String> setting(List<Throwable> chain) {
        for (Throwable e : chain) {
            String message = Reason.message(e);
            Matcher master = MASTER.matcher(message);
            if (master.find()) {
                return Optional.of("master is " + master.group(1)
                        + "; allowed are local, local[N], local[*], spark://HOST:PORT, yarn and k8s://URL");
            }
            Matcher cpus = CPUS.matcher(message);
            if (cpus.find()) {
                return Optional.of("spark.task.cpus is " + cpus.group(2) + ", and an executor has " + cpus.group(1)
                        + " cores; allowed are at most as many");
            }
        }
        return Optional.empty();
    }

    /** The innermost cause that says something; nobody has to know whose it is. */
    private static String internal(List<Throwable> chain) {
        Throwable cause = chain.get(chain.size() - 1);
        String message = Reason.message(cause);
        String name = cause.getClass().getSimpleName();
        return "an internal failure, " + (message.equals(name) ? name : name + ": " + message)
                + "; --verbose true shows where it was";
    }
}
