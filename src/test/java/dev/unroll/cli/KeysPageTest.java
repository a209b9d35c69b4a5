package dev.unroll.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.cli.command.ConditionalDefaults;
import dev.unroll.cli.command.Preparation;
import dev.unroll.cli.command.TrainingRows;
import dev.unroll.cli.frame.Command;
import dev.unroll.cli.frame.Option;
import dev.unroll.ml.ParamDocs;
import dev.unroll.ml.RnnClassifier;
import dev.unroll.ml.SequenceAssembler;
import dev.unroll.ml.SlidingWindows;
import dev.unroll.train.Phases;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Makes docs/keys.md from the Params and the commands: {@code mvn test -Dtest=KeysPageTest -Dkeys.update=true} writes
 * it.
 */
class KeysPageTest {

    private static final Path PAGE = Path.of("docs/keys.md");

    private static final String EVERY_COMMAND = """

            ## Every command

            `submit/unroll COMMAND [--key value ...]`. Three options are those of `submit/unroll` itself; they cannot stand in a config file, and where
            `spark-submit` is called directly, its own options take their place:

            | option | |
            |---|---|
            | `--master` | Spark's master (default `local[*]`) |
            | `--spark-conf` | key=value, a setting of Spark; may be given several times |
            | `--jars` | jars with commas between them, for the driver and the executors, such as one with a cell of your own ([own-cell.md](own-cell.md)) |

            The others belong to every command:

            | option | |
            |---|---|
            KEYS_OF_EVERY_COMMAND| `--help` | shows the keys of the command and ends |

            The last line of standard output of a command that is done is one JSON object. The exit code says how a command ended:

            | exit code | |
            |---|---|
            | 0 | done |
            | 1 | failed; also a training with `checkpoint-dir` that SIGTERM ended |
            | 2 | wrong usage, settings or input; one sentence on standard error says what |
            """;

    private static final String METRICS = """

            ## The metrics file

            `--metrics FILE` of `train` writes one JSON object per iteration, one a line. Times are in milliseconds; those of L-BFGS are of all passes of the
            iteration.

            | field | |
            |---|---|
            | `iteration` | number of the update, from 1 |
            | `epoch` | passes over the data completed before it |
            | `loss` | mean loss over the batch, before the update; of scaled targets with `standardize` or `scale` |
            | `accuracy` | share of the batch's loss terms predicted right, before the update, from 0 to 1; 0 in regression |
            | `gradientNorm` | L2 norm of the mean gradient, before clipping |
            | `stepSize` | step size of the update |
            | `sequences` | sequences in the batch |
            | `steps` | steps in the batch |
            | `passes` | evaluations of the batch: 1, but for L-BFGS as many as its line search took |
            | `broadcastMs` | sending the parameters out, and the mean time until a task has them |
            | `computeMs` | mean time of the tasks from then on; with `engine local` all of it |
            | `waitMs` | the rest of the job: what the slowest task took beyond these means, scheduling, and the results' way |
            | `mergeMs` | adding partial sums |
            | `updateMs` | time of the optimiser |
            | `balance` | steps of the longest task over the mean of all tasks; 1 with `engine local` |
            | `updatesPerJob` | mean of the evaluations until now that one Spark job served (an update is one; with L-BFGS `passes`); with `fallbacks` only with `engine spark` |
            | `fallbacks` | evaluations until now that had a job of their own although `updates-per-job` is not 1; the log says why |
            | `validation` | metrics on the validation data after the update, by name; only where validation was due |
            | `gradientFlow` | how far back the gradient reaches, in steps ([gradient-flow.md](gradient-flow.md)); only where it was followed |
            | `carriedShare` | by layer, the share of the gradient that is carried back through time, from 0 to 1; null where both terms are 0 |
            | `saturation` | by layer, the share of the numbers of h above 0.95 in absolute value, from 0 to 1; null where h has no bound, as with relu or a projection |
            | `noiseTrace` | trace of the covariance of one sequence's gradient; only on iterations 1, 51, 101, ..., with two shards or more, and not with L-BFGS |
            | `noiseSquare` | squared norm of the true gradient, an estimate; in the same lines |
            | `parameterHash` | hash of the parameters after the update |

            `submit/unroll diff` compares two such files.
            """;

    @Test
    void page_saysWhatTheProgramSays() throws IOException {
        String page = page();
        if (Boolean.getBoolean("keys.update")) {
            Files.writeString(PAGE, page);
        }
        assertEquals(Files.readString(PAGE), page, "docs/keys.md is not up to date; see the comment of this test");
    }

    /** The defaults that are replaced elsewhere: with an optimiser, a task or labels, or where a limit is not given. */
    @Test
    void effectiveDefaults_areOnThePageAndInHelp() throws IOException {
        Map<String, String> effective = Map.of(
                "batch-size", "64, or 0 with optimizer lbfgs",
                "clip-norm", "1.0, or 0.0 with optimizer lbfgs",
                "step-size", "0.003, or 1.0 with optimizer lbfgs",
                "epochs", "0, or 10 where max-iter is 0",
                "loss", "softmax, or squared with task regression",
                "pooling", "last, or every where every step has a label");
        String page = Files.readString(PAGE);
        String help = help("train").replaceAll("\\s+", " ");
        ParamDocs.of(new RnnClassifier()).forEach((name, key) -> {
            assertEquals(effective.getOrDefault(name, key.defaultText()), key.effectiveDefault(), name);
            if (effective.containsKey(name)) {
                assertTrue(page.contains("| " + effective.get(name) + " |"), name);
                assertTrue(help.contains("(default " + effective.get(name) + "; "), help);
            }
        });
    }

    private static String help(String command) {
        PrintStream out = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
            assertEquals(0, Unroll.run(new String[] {command, "--help"}));
        } finally {
            System.setOut(out);
        }
        return printed.toString(StandardCharsets.UTF_8);
    }

    @Test
    void metrics_fields_areThoseThatAreWritten() throws IOException {
        String phases = Phases.ALL.stream()
                .map(phase -> "line.put(\"" + phase.key() + "\"")
                .collect(Collectors.joining(", "));
        String source = Files.readString(Path.of("src/main/java/dev/unroll/cli/command/MetricsFile.java"))
                .replace("line.put(phase.key()", phases);
        assertEquals(firstGroups("line\\.put\\(\"(\\w+)\"", source), firstGroups("(?m)^\\| `(\\w+)`", METRICS));
    }

    private static List<String> firstGroups(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    /** The grammar of the command line must not hang on the words of a description. */
    @Test
    void everyBooleanKey_takesNoValueOrOne_andOthersTakeOne() {
        for (Command command : Unroll.COMMANDS) {
            CommandSpec spec = Unroll.spec(command);
            for (Option option : command.options()) {
                boolean flag = option.byDefault().value().matches("true|false");
                assertEquals(
                        flag ? "0..1" : "1",
                        spec.findOption(option.name()).arity().toString(),
                        command.name() + " --" + option.name());
            }
        }
    }

    /** What a key's own text says of its default would be a second home of it, and age. */
    @Test
    void descriptions_nameNoDefault() {
        for (Command command : Unroll.COMMANDS) {
            for (Option option : command.options()) {
                assertFalse(option.doc().contains("default"), command.name() + " --" + option.name());
            }
        }
    }

    @Test
    void everyDefault_isAValueThatIsAllowed() {
        for (Command command : Unroll.COMMANDS) {
            for (Option option : command.options()) {
                if (!option.byDefault().value().isEmpty()) {
                    option.parse(option.byDefault().value());
                }
            }
        }
    }

    private static String page() {
        StringBuilder page = new StringBuilder("<!-- Made by KeysPageTest; not to be edited: submit/regenerate -->\n\n"
                + "# Keys\n\nOn the command line `--key value`, in a config file `key = value`; a key of type boolean may"
                + " stand alone,\nwhich means true. [data.md](data.md) shows how files are read.\n\nA config file is"
                + " UTF-8. A value is the rest of its line without the white space around it: nothing is escaped, and\nno"
                + " line is continued. A key is given once, except where it may be given several times.\n");
        StringBuilder everywhere = new StringBuilder();
        Unroll.EVERYWHERE.forEach(
                option -> everywhere.append(String.format("| `--%s` | %s |%n", option.name(), option.doc())));
        page.append(EVERY_COMMAND.replace("KEYS_OF_EVERY_COMMAND", everywhere));
        table(page, "Training (Params of `RnnClassifier`)", ParamDocs.of(new RnnClassifier()));
        table(
                page,
                "With `prepare windows`: time series (Params of `SlidingWindows`)",
                Preparation.keys(new SlidingWindows()));
        table(
                page,
                "With `prepare sequences`: events (Params of `SequenceAssembler`)",
                Preparation.keys(new SequenceAssembler()));
        page.append("\n## Defaults that depend on other keys\n\n")
                .append("For `train`, `plan` and `replay`, in place of the defaults in the tables above and below:\n\n")
                .append("| where | key | default |\n|---|---|---|\n");
        for (ConditionalDefaults defaults : TrainingRows.DEFAULTS) {
            new TreeMap<>(defaults.values())
                    .forEach((key, value) ->
                            page.append(String.format("| %s | `%s` | %s |%n", defaults.where(), key, value)));
        }
        Unroll.COMMANDS.forEach(command -> command(page, command));
        page.append(METRICS);
        return page.toString();
    }

    private static void command(StringBuilder page, Command command) {
        page.append(String.format("%n## `%s`%n%n%s%n", command.name(), command.description()));
        if (!command.arguments().isEmpty()) {
            page.append(String.format(
                    "%n    submit/unroll %s %s%n",
                    command.name(),
                    command.arguments().stream().map(Option::name).collect(Collectors.joining(" "))));
        }
        if (!command.options().isEmpty()) {
            page.append("\n| key | type | default | allowed | |\n|---|---|---|---|---|\n");
            command.options()
                    .forEach(option -> page.append(String.format(
                            "| `%s` | %s | %s | %s | %s |%n",
                            option.name(),
                            option.type().text(),
                            option.byDefault().text(),
                            option.allowed().words(),
                            option.doc())));
        }
    }

    private static void table(StringBuilder page, String title, Map<String, ParamDocs.Key> keys) {
        page.append("\n## ")
                .append(title)
                .append("\n\n| key | Param | type | default | allowed | |\n|---|---|---|---|---|---|\n");
        for (ParamDocs.Key key : keys.values()) {
            page.append(String.format(
                    "| `%s` | `%s` | %s | %s | %s | %s |%n",
                    key.name(), key.param().name(), key.type(), key.effectiveDefault(), key.allowed(), key.doc()));
        }
    }
}
