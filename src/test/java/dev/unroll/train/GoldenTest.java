package dev.unroll.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.unroll.data.Sequence;
import dev.unroll.data.ShardPlan;
import dev.unroll.nn.LossReduction;
import dev.unroll.nn.Network;
import dev.unroll.nn.PlainNetwork;
import dev.unroll.nn.State;
import dev.unroll.optim.LossFunction;
import dev.unroll.optim.Optimizer;
import dev.unroll.param.ParameterHash;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Guards promise P2 over time: a commit that changes a bit of a trained model is seen, and says so. To write the hashes anew, with the
 * format number of docs/bits.md:
 *
 * <pre>mvn test -Dtest=GoldenTest -Dgolden.update=true</pre>
 */
class GoldenTest {

    private static final Path GOLDEN = Path.of("golden", "parameters.txt");
    private static final Path BITS_PAGE = Path.of("docs", "bits.md");
    private static final String VECTOR_API = "--add-modules=jdk.incubator.vector";

    private static Map<String, String> hashes;

    @BeforeAll
    static void train() throws IOException {
        hashes = GoldenRuns.hashes();
        if (Boolean.getBoolean("golden.update")) {
            write();
        }
    }

    private static void write() throws IOException {
        StringBuilder text = new StringBuilder(
                "# SHA-256 of theta after 20 updates: cell, head, input, and loss if squared (GoldenRuns). A commit that"
                        + " changes one raises\n# the format number in docs/bits.md and says why; then: mvn test -Dtest=GoldenTest"
                        + " -Dgolden.update=true\n");
        text.append("format ").append(formatOfBitsPage()).append('\n');
        hashes.forEach(
                (name, hash) -> text.append(name).append(' ').append(hash).append('\n'));
        Files.createDirectories(GOLDEN.getParent());
        Files.writeString(GOLDEN, text);
    }

    private static String formatOfBitsPage() throws IOException {
        Matcher matcher = Pattern.compile("(?m)^Format \\*\\*(\\d+)\\*\\*").matcher(Files.readString(BITS_PAGE));
        assertTrue(matcher.find(), BITS_PAGE + " must say Format **n**");
        return matcher.group(1);
    }

    /** The lines of the file, with the last word as value. */
    private static Map<String, String> golden() throws IOException {
        Map<String, String> golden = new LinkedHashMap<>();
        for (String line : Files.readAllLines(GOLDEN)) {
            if (!line.startsWith("#")) {
                int space = line.lastIndexOf(' ');
                golden.put(line.substring(0, space), line.substring(space + 1));
            }
        }
        return golden;
    }

    @Test
    void hashes_ofThisCommit_areTheGoldenOnes() throws IOException {
        Map<String, String> golden = golden();
        golden.remove("format");
        if (!golden.equals(hashes)) {
            StringBuilder message = new StringBuilder("this commit changes the bits of trained models:\n");
            hashes.forEach((name, hash) -> {
                if (!hash.equals(golden.get(name))) {
                    message.append(name)
                            .append(": was ")
                            .append(golden.get(name))
                            .append(", is ")
                            .append(hash)
                            .append('\n');
                }
            });
            fail(
                    message
                            + "If that is meant: raise the format number in docs/bits.md, say there and in the commit message why, and"
                            + " write golden/ anew with -Dgolden.update=true. If not, it is a bug: an order of additions has changed.");
        }
    }

    /** Hashes of one format beside the page of another would make both useless. */
    @Test
    void format_ofTheHashes_isThatOfTheBitsPage() throws IOException {
        assertEquals(formatOfBitsPage(), golden().get("format"), GOLDEN + " against " + BITS_PAGE);
    }

    /** The oracle: twenty updates by plain loops, from the places of a batch to the sum over three shards. */
    @Test
    void hashes_ofThePlainLoops_areTheSame() {
        GoldenRuns.jobs().forEach((name, job) -> assertEquals(hashes.get(name), trainPlainly(job), name));
    }

    private static String trainPlainly(GoldenRuns.Job job) {
        float[] theta = job.initialParameters();
        Optimizer optimizer = job.newOptimizer();
        ShardPlan plan = job.plan();
        Map<Integer, State> states = new HashMap<>(); // by stream
        float[] average = theta;
        for (int iteration = 1; iteration <= GoldenRuns.UPDATES; iteration++) {
            if (plan.batch(iteration - 1).from() == 0) {
                states.clear();
            }
            double weight = 0;
            float[][] sums = new float[GoldenRuns.SHARDS][];
            for (int u = 0; u < GoldenRuns.SHARDS; u++) {
                PlainNetwork network = new PlainNetwork(job.spec(), theta);
                network.labelSmoothing = job.labelSmoothing();
                sums[u] = new float[theta.length];
                int[] places = plan.places(plan.batch(iteration - 1), u);
                for (int from = 0; from < places.length; from += 64) {
                    List<Sequence> packed = new ArrayList<>();
                    for (int i = from; i < Math.min(from + 64, places.length); i++) {
                        packed.add(job.shard(u).get(places[i]));
                    }
                    if (!job.streams()) {
                        network.accumulate(packed, LossReduction.STEP, sums[u]);
                        continue;
                    }
                    List<State> ofStreams = new ArrayList<>();
                    for (int i = from; i < Math.min(from + 64, places.length); i++) {
                        int stream = (places[i] * GoldenRuns.SHARDS + u) % plan.batchSize();
                        ofStreams.add(states.computeIfAbsent(stream, s -> new Network(job.spec()).newState(1)));
                    }
                    network.accumulate(packed, ofStreams, LossReduction.STEP, sums[u]);
                }
                weight += network.weightSum();
            }
            float[] mean = new float[theta.length];
            for (int i = 0; i < mean.length; i++) {
                float sum = (sums[0][i] + sums[1][i]) + sums[2][i]; // every batch has all three shards
                mean[i] = (float) (sum / weight);
            }
            optimizer.step(theta, at -> new LossFunction.Point(0, mean), iteration);
            average = average(job.optimizer().ema(), average, theta, iteration);
        }
        return ParameterHash.of(average);
    }

    /** The moving average after an update, from the one before it. */
    private static float[] average(double decay, float[] before, float[] theta, int iteration) {
        if (decay == 0 || iteration == 1) {
            return theta.clone();
        }
        float[] average = new float[theta.length];
        for (int i = 0; i < theta.length; i++) {
            average[i] = before[i] + (float) (1 - decay) * (theta[i] - before[i]);
        }
        return average;
    }

    /** Instructions must not matter: without the Vector API, and with registers of 128 and 256 bits. */
    @Test
    void hashes_ofOtherJvms_areTheSame(@TempDir Path directory) throws Exception {
        List<Fork> forks = List.of(
                new Fork("scalar", List.of(), directory),
                new Fork("128 bits", List.of(VECTOR_API, "-XX:MaxVectorSize=16"), directory),
                new Fork("", List.of(VECTOR_API, "-XX:MaxVectorSize=32"), directory));
        for (Fork fork : forks) {
            List<String> lines = fork.lines();
            assertTrue(lines.get(0).endsWith(fork.implementation), "ran " + lines.get(0) + ", not " + fork);
            List<String> expected = new ArrayList<>();
            hashes.forEach((name, hash) -> expected.add(name + " " + hash));
            assertEquals(expected, lines.subList(1, lines.size()), "with " + lines.get(0));
        }
    }

    /** A JVM that runs {@link GoldenRuns}, from its construction on. */
    private static final class Fork {
        private final String implementation;
        private final List<String> command = new ArrayList<>();
        private final Path errors;
        private final Process process;

        Fork(String implementation, List<String> options, Path directory) throws IOException {
            this.implementation = implementation;
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(options);
            String[] classes = {location(Trainer.class), location(GoldenRuns.class)};
            command.addAll(List.of("-cp", String.join(File.pathSeparator, classes), GoldenRuns.class.getName()));
            errors = Files.createTempFile(directory, "fork", ".txt");
            ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
            builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
            process = builder.start();
        }

        private static String location(Class<?> type) {
            return new File(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .getPath())
                    .getPath();
        }

        List<String> lines() throws Exception {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, process.waitFor(), this + "\n" + output + Files.readString(errors));
            return output.lines().toList();
        }

        @Override
        public String toString() {
            return String.join(" ", command);
        }
    }
}
