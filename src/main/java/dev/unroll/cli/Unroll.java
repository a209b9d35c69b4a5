package dev.unroll.cli;

import dev.unroll.cli.bench.BenchCommand;
import dev.unroll.cli.command.DiffCommand;
import dev.unroll.cli.command.EvaluateCommand;
import dev.unroll.cli.command.ExportCommand;
import dev.unroll.cli.command.GenerateCommand;
import dev.unroll.cli.command.GradCheckCommand;
import dev.unroll.cli.command.InspectCommand;
import dev.unroll.cli.command.NoteCommand;
import dev.unroll.cli.command.PlanCommand;
import dev.unroll.cli.command.PredictCommand;
import dev.unroll.cli.command.Preparation;
import dev.unroll.cli.command.ReplayCommand;
import dev.unroll.cli.command.SynthesizeCommand;
import dev.unroll.cli.command.TrainCommand;
import dev.unroll.cli.frame.Command;
import dev.unroll.cli.frame.Failure;
import dev.unroll.cli.frame.Json;
import dev.unroll.cli.frame.Option;
import dev.unroll.cli.frame.Settings;
import dev.unroll.cli.frame.SparkDefaults;
import dev.unroll.cli.frame.UsageException;
import dev.unroll.ml.ParamDocs;
import dev.unroll.ml.RnnClassifier;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/**
 * The main class of {@code submit/unroll} and {@code spark-submit}.
 *
 * <p>Exit codes: 0 done; 1 training failed; 2 usage, configuration or input error, with one sentence on standard error.
 * The last line of standard output is one JSON object.
 */
public final class Unroll {

    private static final int DONE = 0;
    private static final int USAGE = 2;

    private static final List<String> TELLING_OF_STARTS =
            List.of("org.apache.spark.SparkContext", "org.apache.spark.SparkEnv");

    static final List<Command> COMMANDS = List.of(
            new TrainCommand(),
            new PlanCommand(),
            new EvaluateCommand(),
            new PredictCommand(),
            new GenerateCommand(),
            new NoteCommand(),
            new GradCheckCommand(),
            new SynthesizeCommand(),
            new DiffCommand(),
            new ReplayCommand(),
            new InspectCommand(),
            new ExportCommand(),
            new BenchCommand());

    /** The keys that every command has. */
    static final List<Option> EVERYWHERE = List.of(
            Option.text(
                    "config",
                    "a local file of `key = value` lines, in UTF-8; lines that begin with `#` are comments; the command"
                            + " line wins"),
            Option.flag("verbose", "with stack traces where a command fails"));

    private Unroll() {}

    public static void main(String[] args) {
        // Names and messages are UTF-8 whatever the locale of the machine.
        System.setOut(new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8));
        int code = run(args);
        if (code != DONE) {
            System.exit(code);
        }
    }

    /** Runs one command line, in a Spark session of its own, and returns its exit code. */
    public static int run(String[] args) {
        return run(args, Optional.empty());
    }

    /** Runs one command line in a session that goes on after it. */
    public static int run(String[] args, SparkSession session) {
        return run(args, Optional.of(session));
    }

    private static int run(String[] args, Optional<SparkSession> session) {
        boolean verbose = List.of(args).contains("--verbose");
        try {
            CommandLine commandLine = commandLine();
            ParseResult parsed = commandLine.parseArgs(args);
            if (parsed.isVersionHelpRequested()) {
                commandLine.printVersionHelp(System.out);
                return DONE;
            }
            if (!parsed.hasSubcommand() || parsed.isUsageHelpRequested()) {
                commandLine.usage(System.out);
                return parsed.isUsageHelpRequested() ? DONE : USAGE;
            }
            ParseResult sub = parsed.subcommand();
            if (sub.isUsageHelpRequested()) {
                commandLine.getSubcommands().get(sub.commandSpec().name()).usage(System.out);
                return DONE;
            }
            return run(command(sub), sub, session);
        } catch (Throwable e) {
            // Errors too: a line that is nested too deeply, or too long for the memory, is the user's to mend.
            Failure failure = Failure.of(e);
            System.err.println("unroll: " + failure.sentence());
            if (verbose) {
                e.printStackTrace();
            }
            return failure.code();
        }
    }

    private static Command command(ParseResult parsed) {
        return COMMANDS.stream()
                .filter(command -> command.name().equals(parsed.commandSpec().name()))
                .findFirst()
                .orElseThrow();
    }

    /**
     * Checks one command line without running it.
     *
     * @throws CommandLine.ParameterException for unknown keys
     * @throws UsageException for values that are not allowed or do not go together
     */
    static void check(String... args) {
        ParseResult parsed = commandLine().parseArgs(args).subcommand();
        settings(command(parsed), parsed);
    }

    /** What was given, checked as far as that goes without data. */
    private static Settings settings(Command command, ParseResult parsed) {
        Map<String, String> given = new HashMap<>();
        for (int i = 0; i < parsed.matchedPositionals().size(); i++) {
            given.put(
                    command.arguments().get(i).name(),
                    parsed.matchedPositionals().get(i).getValue());
        }
        for (OptionSpec option : parsed.matchedOptions()) {
            given.put(option.longestName().substring(2), String.join(Option.SEPARATOR, option.stringValues()));
        }
        List<Option> own = new ArrayList<>(command.options());
        own.addAll(command.arguments());
        own.addAll(EVERYWHERE);
        Settings settings = Settings.of(own, ofStages(command), given, given.get("config"));
        command.check(settings);
        return settings;
    }

    private static int run(Command command, ParseResult parsed, Optional<SparkSession> session) throws Exception {
        Settings settings = settings(command, parsed);
        if (session.isPresent()) {
            return run(command, session.get(), settings);
        }
        if (!command.usesSpark(settings)) {
            // As Spark does where it runs: the JDK's log goes where all others go.
            SLF4JBridgeHandler.removeHandlersForRootLogger();
            SLF4JBridgeHandler.install();
            return run(command, null, settings);
        }
        SparkConf conf = new SparkConf();
        SparkDefaults.addTo(conf, System.getProperty(SparkDefaults.FILES, ""));
        conf.setIfMissing("spark.master", "local[*]")
                .setIfMissing("spark.app.name", "unroll " + command.name())
                // Gradient sums of a few MB come back with the task's end, not through one more round to its executor.
                .setIfMissing("spark.task.maxDirectResultSize", "8m")
                // Parameters do not shrink under LZ4.
                .setIfMissing("spark.broadcast.compress", "false")
                // Lost executors count as failures of the tasks they ran; a long training may lose many.
                .setIfMissing("spark.task.maxFailures", "16")
                .setIfMissing("spark.stage.maxConsecutiveAttempts", "16");
        requireJavaThatHadoopRunsOn();
        SparkSession spark = session(conf);
        try {
            command.paths(settings).requireLasting(spark);
            return run(command, spark, settings);
        } finally {
            // An executor may still be talking when the driver leaves, and the log would have the trace of an
            // exception.
            Configurator.setLevel("org.apache.spark.network.server.TransportRequestHandler", Level.OFF);
            spark.stop();
        }
    }

    private static int run(Command command, @Nullable SparkSession spark, Settings settings) throws Exception {
        command.paths(settings).requireApart(Optional.ofNullable(spark));
        System.out.println(Json.line(command.run(spark, settings)));
        return DONE;
    }

    /**
     * Starts Spark; where it cannot start, its log would have the trace of what {@link Failure} says in a sentence. Its
     * other loggers go on: they say what a cluster is waiting for.
     */
    private static SparkSession session(SparkConf conf) {
        Map<String, Optional<Level>> before = new HashMap<>();
        for (String name : TELLING_OF_STARTS) {
            LoggerConfig own = LoggerContext.getContext(false)
                    .getConfiguration()
                    .getLoggers()
                    .get(name);
            before.put(name, Optional.ofNullable(own).map(LoggerConfig::getExplicitLevel));
            Configurator.setLevel(name, Level.OFF);
        }
        try {
            return SparkSession.builder().config(conf).getOrCreate();
        } finally {
            before.forEach((name, level) -> Configurator.setLevel(name, level.orElse(null))); // null: as its parent
        }
    }

    private static void requireJavaThatHadoopRunsOn() throws IOException {
        try {
            UserGroupInformation.getCurrentUser();
        } catch (UnsupportedOperationException e) {
            // Hadoop before 3.5 asks Java for what is no longer there.
            throw new UsageException("Java is " + Runtime.version().feature()
                    + ", which the Hadoop of this Spark does not run on (" + e.getMessage()
                    + "); allowed are Java 17 to 23, or a Spark with Hadoop 3.5, such as 4.3");
        }
    }

    /** Values are taken as they are: a value that begins with @ names no file of arguments. */
    private static CommandLine commandLine() {
        return new CommandLine(root()).setExpandAtFiles(false);
    }

    private static CommandSpec root() {
        CommandSpec root = CommandSpec.create().name("unroll").mixinStandardHelpOptions(true);
        String version = Unroll.class.getPackage().getImplementationVersion(); // which the jar knows
        root.version("unroll " + (version == null ? "that is not in a jar" : version));
        root.usageMessage().description("Trains recurrent networks by back-propagation through time on Apache Spark.");
        COMMANDS.forEach(command -> root.addSubcommand(command.name(), spec(command)));
        return root;
    }

    static CommandSpec spec(Command command) {
        CommandSpec spec = CommandSpec.create().name(command.name());
        spec.usageMessage().description(command.description());
        spec.addOption(OptionSpec.builder("--help")
                .usageHelp(true)
                .description("shows this page")
                .build());
        command.options().forEach(option -> spec.addOption(spec(option)));
        for (Option argument : command.arguments()) {
            spec.addPositional(PositionalParamSpec.builder()
                    .paramLabel(argument.name())
                    .type(String.class)
                    .arity("1")
                    .build());
        }
        EVERYWHERE.forEach(option -> spec.addOption(spec(option)));
        ofStages(command).forEach(option -> spec.addOption(spec(option)));
        return spec;
    }

    /** The keys of Params that the command takes besides its own. */
    private static List<Option> ofStages(Command command) {
        List<Option> options = new ArrayList<>();
        if (command.trains()) {
            ParamDocs.of(new RnnClassifier()).values().forEach(key -> options.add(Option.of(key)));
        }
        if (command.prepares()) {
            Preparation.keys().values().forEach(key -> options.add(Option.of(key)));
        }
        return options;
    }

    private static OptionSpec spec(Option option) {
        OptionSpec.Builder spec = OptionSpec.builder("--" + option.name())
                .description(option.help().replace("%", "%%"))
                .paramLabel(option.type().text());
        return switch (option.type()) {
            case BOOLEAN ->
                spec.type(String.class).arity("0..1").fallbackValue("true").build();
            case PAIRS ->
                spec.type(List.class).auxiliaryTypes(String.class).arity("1").build();
            default -> spec.type(String.class).arity("1").build();
        };
    }
}
