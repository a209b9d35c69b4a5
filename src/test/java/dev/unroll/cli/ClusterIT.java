package dev.unroll.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.unroll.math.CounterRandom;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The packaged jar on a real cluster: Master, Workers, executors and drivers are processes of their own, with a shared
 * secret, and some of them are killed. {@code mvn verify -Pcluster}.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ClusterIT {

    private static final int UPDATES = 120;

    @TempDir
    static Path directory;

    private static Path cluster;
    private static String master;
    private static String expected; // the hash of a training in local mode

    @BeforeAll
    static void startCluster() throws Exception {
        StringBuilder rows = new StringBuilder("name,kind\n");
        for (int n = 0; n < 1500; n++) {
            CounterRandom random = new CounterRandom(3, n);
            rows.append("abcdef".charAt(n % 6));
            for (int t = 0; t < 1 + random.below(10, 100); t++) {
                rows.append((char) ('a' + random.below(26, t)));
            }
            rows.append(n % 6 < 3 ? ",left\n" : ",right\n");
        }
        Files.writeString(directory.resolve("names.csv"), rows);
        cluster = directory.resolve("cluster");
        Outcome started = standalone("start", "--workers", "2", "--cores", "1", "--memory", "1g", "--auth");
        assertEquals(0, started.code, started.err);
        master = started.lastLine();
        assertTrue(master.startsWith("spark://127.0.0.1:"), master);
        expected = hash(train("local[2]", "local").finish());
    }

    @AfterAll
    static void stopCluster() throws Exception {
        Outcome stopped = standalone("stop");
        assertEquals(0, stopped.code, stopped.err);
        assertTrue(marked().isEmpty(), "left behind: " + marked());
        assertFalse(Files.exists(cluster));
        assertEquals(2, standalone("stop").code);
    }

    /** What a process printed. */
    private record Outcome(int code, String out, String err) {
        String lastLine() {
            List<String> lines = out.lines().toList();
            return lines.isEmpty() ? "" : lines.get(lines.size() - 1);
        }
    }

    /** A process under way. */
    private record Running(Process process, Path out, Path err, Path metrics) {

        /** Waits until so many updates are made. */
        Running until(int updates) throws Exception {
            while (process.isAlive()
                    && (!Files.exists(metrics) || Files.readAllLines(metrics).size() < updates)) {
                Thread.sleep(20);
            }
            return this;
        }

        Outcome finish() throws Exception {
            int code = process.waitFor();
            return new Outcome(code, Files.readString(out), Files.readString(err));
        }
    }

    private static Running start(Path metrics, String... command) throws IOException {
        return start(cluster, metrics, command);
    }

    private static Running start(Path cluster, Path metrics, String... command) throws IOException {
        Path out = Files.createTempFile(directory, "out", "");
        Path err = Files.createTempFile(directory, "err", "");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
        builder.environment().put("UNROLL_STANDALONE", cluster.toString());
        builder.environment().remove("SPARK_HOME");
        return new Running(builder.start(), out, err, metrics);
    }

    private static Outcome standalone(String... arguments) throws Exception {
        return standalone(cluster, arguments);
    }

    private static Outcome standalone(Path cluster, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(new File("submit/standalone").getPath()));
        command.addAll(List.of(arguments));
        return start(cluster, null, command.toArray(String[]::new)).finish();
    }

    private static Running train(String where, String name, String... more) throws IOException {
        return train(UPDATES, where, name, more);
    }

    private static Running train(int updates, String where, String name, String... more) throws IOException {
        return train(cluster, updates, where, name, more);
    }

    private static Running train(Path cluster, int updates, String where, String name, String... more)
            throws IOException {
        Path metrics = directory.resolve(name + ".jsonl");
        List<String> command = new ArrayList<>(List.of(
                new File("submit/unroll").getPath(),
                "--master",
                where,
                "--spark-conf",
                "spark.executor.memory=512m",
                "--spark-conf",
                "spark.ui.enabled=false",
                "train",
                "--train",
                directory.resolve("names.csv").toString(),
                "--features-col",
                "name",
                "--label-col",
                "kind",
                "--hidden-size",
                "24",
                "--num-layers",
                "2",
                "--dropout",
                "0.2",
                "--num-shards",
                "8",
                "--engine",
                "spark",
                "--max-iter",
                Integer.toString(updates),
                "--validation-fraction",
                "0.1",
                "--metrics",
                metrics.toString(),
                "--model",
                directory.resolve(name).toString()));
        command.addAll(List.of(more));
        return start(cluster, metrics, command.toArray(String[]::new));
    }

    private static String hash(Outcome outcome) throws IOException {
        assertEquals(0, outcome.code, outcome.err);
        return new ObjectMapper()
                .readTree(outcome.lastLine())
                .get("parameterHash")
                .asText();
    }

    /** Processes of this cluster's daemons. */
    private static List<ProcessHandle> marked() {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info()
                        .arguments()
                        .map(arguments -> List.of(arguments).contains("-Dunroll.standalone=" + cluster))
                        .orElse(false))
                .toList();
    }

    private static List<ProcessHandle> executors() {
        return marked().stream().flatMap(ProcessHandle::children).toList();
    }

    @Test
    void executors_giveTheBitsOfOneProcess() throws Exception {
        assertEquals(expected, hash(train(master, "two-executors").finish()));
        assertEquals(
                expected,
                hash(train(master, "sixteen-partitions", "--partitions", "16").finish()));
    }

    @Test
    void executorKilled_sameBits() throws Exception {
        Running running = train(master, "executor-killed").until(UPDATES / 3);
        List<ProcessHandle> executors = executors();
        assertEquals(2, executors.size());
        assertTrue(executors.get(0).destroyForcibly());
        assertEquals(expected, hash(running.finish()));
    }

    @Test
    void executorThatReplacesAnother_takesItsPart() throws Exception {
        Path events = Files.createDirectory(directory.resolve("events"));
        Running running = train(
                100_000,
                master,
                "executor-replaced",
                "--spark-conf",
                "spark.eventLog.enabled=true",
                "--spark-conf",
                "spark.eventLog.dir=" + events.toUri(),
                "--spark-conf",
                "spark.eventLog.logBlockUpdates.enabled=true",
                "--spark-conf",
                "spark.eventLog.compress=false",
                "--spark-conf",
                "spark.eventLog.rolling.enabled=false");
        try {
            running.until(20);
            assertEquals(2, executors().size());
            assertTrue(executors().get(0).destroyForcibly());
            while (running.process.isAlive() && tasksBy("2", events).size() < 8) { // each of a job of some updates
                Thread.sleep(100);
            }
            running.process.destroy();
            Outcome stopped = running.finish();
            assertEquals(143, stopped.code, stopped.err); // SIGTERM, and no checkpoint to write
        } finally {
            running.process.destroyForcibly();
        }
        List<JsonNode> tasks = events("SparkListenerTaskEnd", events);
        List<JsonNode> last = tasks.subList(tasks.size() - 8, tasks.size());
        assertTrue(
                last.stream()
                        .allMatch(
                                task -> task.at("/Task Info/Locality").asText().equals("PROCESS_LOCAL")),
                () -> "tasks run where their shards are not: "
                        + last.stream()
                                .map(task -> task.at("/Task Info/Locality").asText())
                                .toList());
        assertEquals(4.0, (double) last.stream().filter(task -> isBy("2", task)).count(), 1);
        assertTrue(
                events("SparkListenerBlockUpdated", events).stream()
                        .map(event -> event.get("Block Updated Info"))
                        .anyMatch(block -> block.at("/Block Manager ID/Executor ID")
                                        .asText()
                                        .equals("2")
                                && block.get("Block ID").asText().startsWith("rdd_")),
                "the new executor keeps no shards");
    }

    private static List<JsonNode> tasksBy(String executor, Path log) throws IOException {
        return events("SparkListenerTaskEnd", log).stream()
                .filter(task -> isBy(executor, task))
                .toList();
    }

    private static boolean isBy(String executor, JsonNode task) {
        return task.at("/Task Info/Executor ID").asText().equals(executor);
    }

    /** Those of one kind in an event log that may still be written. */
    private static List<JsonNode> events(String kind, Path log) throws IOException {
        ObjectMapper json = new ObjectMapper();
        List<JsonNode> events = new ArrayList<>();
        for (Path file : files(log)) {
            String text = Files.readString(file);
            for (String line : text.substring(0, text.lastIndexOf('\n') + 1).split("\n")) {
                if (line.contains(kind)) {
                    JsonNode event = json.readTree(line);
                    if (event.get("Event").asText().equals(kind)) {
                        events.add(event);
                    }
                }
            }
        }
        return events;
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    @Test
    void workersWithLinksOfTheirOwn_sameBits() throws Exception {
        Path networked = directory.resolve("networked");
        String[] start = {"start", "--workers", "3", "--cores", "1", "--memory", "1g", "--network", "1gbit"};
        Outcome started = standalone(networked, start);
        assumeFalse(started.err.contains("there can be no network here"), started.err.strip());
        assertEquals(0, started.code, started.err); // or else it has cleaned up itself
        List<String> made = List.of();
        try {
            String prefix = Files.readString(networked.resolve("network")).strip() + "-";
            made = namespaces().stream().filter(name -> name.startsWith(prefix)).toList();
            assertEquals(3, made.size());
            assertTrue(started.lastLine().startsWith("spark://198.18."), started.lastLine());
            assertEquals(
                    expected,
                    hash(train(networked, UPDATES, started.lastLine(), "networked-model")
                            .finish()));
        } finally {
            Outcome stopped = standalone(networked, "stop");
            assertEquals(0, stopped.code, stopped.err);
        }
        assertTrue(Collections.disjoint(namespaces(), made), "namespaces are left behind");
    }

    private static List<String> namespaces() throws Exception {
        return start(null, "ip", "netns", "list")
                .finish()
                .out
                .lines()
                .map(line -> line.split(" ")[0])
                .toList();
    }

    @Test
    void driverAskedToStop_saysHowToGoOn() throws Exception {
        String[] checkpoints = {"--checkpoint-dir", directory.resolve("asked").toString()};
        Running running = train(master, "driver-asked", checkpoints).until(UPDATES / 3);
        running.process.destroy(); // SIGTERM
        Outcome stopped = running.finish();
        assertEquals(1, stopped.code, stopped.err);
        String said = stopped.err.lines().reduce((a, b) -> b).orElse("");
        assertTrue(said.contains("stopped by SIGTERM after iteration") && said.contains("--resume true"), said);
        assertEquals(
                expected,
                hash(train(master, "driver-asked", checkpoints[0], checkpoints[1], "--resume")
                        .finish()));
    }

    @Test
    void driverKilled_goesOnElsewhere() throws Exception {
        String[] checkpoints = {
            "--checkpoint-dir", directory.resolve("killed").toString(), "--checkpoint-interval", "10"
        };
        Running running = train(master, "driver-killed", checkpoints).until(UPDATES / 2);
        running.process.destroyForcibly();
        assertTrue(running.finish().code != 0);
        assertEquals(
                expected,
                hash(train("local[1]", "driver-killed", checkpoints[0], checkpoints[1], "--resume")
                        .finish()));
    }

    @Test
    void theSecretStandsNowhereToBeRead() throws Exception {
        String secret = Files.readAllLines(cluster.resolve("java.options"), StandardCharsets.UTF_8).stream()
                .filter(line -> line.contains("secret"))
                .findFirst()
                .orElseThrow()
                .split("=")[1];
        Running running = train(master, "secret").until(10);
        boolean shown = ProcessHandle.allProcesses()
                .anyMatch(process -> process.info().commandLine().orElse("").contains(secret));
        running.finish();
        assertFalse(shown);
        for (String log : List.of("master", "worker-1", "worker-2")) {
            assertFalse(Files.readString(cluster.resolve("logs").resolve(log)).contains(secret), log);
        }
    }
}
