package dev.unroll.preflight;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.unroll.format.FormatException;
import dev.unroll.format.StrictJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/**
 * What the pieces of an update cost on a cluster: the constants of {@link TimeEstimate}. A megabyte is 10^6 bytes.
 *
 * @param origin where they were measured
 * @param gigaflops the rate of products of one core of an executor while all of them compute, in GFLOP/s; empty for that of the driver's machine, to be
 *     measured there
 * @param operationsPerActivation what is not a product costs, per gate or output of a step, as much as so many operations of one
 * @param taskFactor a task's time over that of the kernel alone: what is looked at besides, and what neighbours take from each other
 * @param taskMs of a task without work
 * @param sumMbMs to clear one more sum of a shard, to add to it and to add it to another, per megabyte of it, where a gradient has room in a core's caches
 * @param largeSumMbMs the same where it has not
 * @param cacheMb what has room there, in megabytes
 * @param optimiserMbMs the optimiser and the mean gradient, per megabyte of theta
 * @param spread the coefficient of variation of the times of tasks that have the same work
 * @param broadcast theta to the tasks of a job
 * @param collect a job whose tasks send their sums to the driver; without bytes it is the launch of a job
 * @param slices a job in two stages: its tasks are those of both, its sums are those of one task, and in {@code mbMs} the driver gets each element once
 * @param order theta to tasks that stay
 * @param report their sums to the driver
 */
public record ClusterCosts(
        Origin origin,
        OptionalDouble gigaflops,
        double operationsPerActivation,
        double taskFactor,
        double taskMs,
        double sumMbMs,
        double largeSumMbMs,
        double cacheMb,
        double optimiserMbMs,
        double spread,
        ExchangeCost broadcast,
        ExchangeCost collect,
        ExchangeCost slices,
        ExchangeCost order,
        ExchangeCost report) {

    /** How a file of them begins. */
    public static final String BEGINNING = "{\"format\":\"unroll-costs\"";

    private static final String FORMAT = "unroll-costs";
    private static final int VERSION = 1;
    private static final List<String> TEXTS = List.of("machine", "java", "date");
    private static final List<String> NUMBERS = List.of(
            "operationsPerActivation",
            "taskFactor",
            "taskMs",
            "sumMbMs",
            "largeSumMbMs",
            "cacheMb",
            "optimiserMbMs",
            "spread");
    private static final List<String> EXCHANGES = List.of("broadcast", "collect", "slices", "order", "report");

    /**
     * Where constants were measured.
     *
     * @param machine processors of the driver's
     * @param java version of the driver's
     * @param executors that took part; 0 where tasks were threads of the driver
     * @param date as ISO 8601 has it
     */
    public record Origin(String machine, String java, int executors, String date) {}

    private static final double TRAVEL_MB_MS = 1.25; // 0.8 GB/s

    /** Of tasks in the driver's process: what tasks that stay get and give does not become bytes. */
    private static final ClusterCosts LOCAL = new ClusterCosts(
            new Origin("2 cores with vectors of 512 bits", "17", 0, "2026-11-20"),
            OptionalDouble.empty(),
            800,
            1.1,
            0.5,
            0.1,
            0.75,
            8.388608,
            1,
            0,
            new ExchangeCost(1, 0, TRAVEL_MB_MS, 0),
            new ExchangeCost(9.5, 0, 0, TRAVEL_MB_MS),
            new ExchangeCost(19, 0, TRAVEL_MB_MS, 2 * TRAVEL_MB_MS),
            new ExchangeCost(0, 0, 0, 0),
            new ExchangeCost(0.1, 0, 0, 0));

    private static final ClusterCosts OF_EXECUTORS =
            LOCAL.ofExecutors(2, new ExchangeCost(0, 0, 0, TRAVEL_MB_MS), new ExchangeCost(0.6, 0, 0, TRAVEL_MB_MS));

    /**
     * What is taken where nothing was measured.
     *
     * @param local whether tasks run in the driver's process
     */
    public static ClusterCosts usual(boolean local) {
        return local ? LOCAL : OF_EXECUTORS;
    }

    private ClusterCosts ofExecutors(int executors, ExchangeCost orders, ExchangeCost reports) {
        return new ClusterCosts(
                new Origin(origin.machine, origin.java, executors, origin.date),
                gigaflops,
                operationsPerActivation,
                taskFactor,
                taskMs,
                sumMbMs,
                largeSumMbMs,
                cacheMb,
                optimiserMbMs,
                spread,
                broadcast,
                collect,
                slices,
                orders,
                reports);
    }

    /** Whether they are those of tasks in the driver's process. */
    public boolean isLocal() {
        return origin.executors == 0;
    }

    /** What one more gradient sum of so many megabytes costs, in ms. */
    double sumMs(double megabytes) {
        return megabytes * (megabytes < cacheMb ? sumMbMs : largeSumMbMs);
    }

    /** Writes them as JSON. */
    public void write(OutputStream out) throws IOException {
        try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
            json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
            json.writeStartObject();
            json.writeStringField("format", FORMAT);
            json.writeNumberField("version", VERSION);
            json.writeStringField("machine", origin.machine);
            json.writeStringField("java", origin.java);
            json.writeNumberField("executors", origin.executors);
            json.writeStringField("date", origin.date);
            if (gigaflops.isPresent()) {
                json.writeNumberField("gigaflops", gigaflops.getAsDouble());
            }
            json.writeNumberField("operationsPerActivation", operationsPerActivation);
            json.writeNumberField("taskFactor", taskFactor);
            json.writeNumberField("taskMs", taskMs);
            json.writeNumberField("sumMbMs", sumMbMs);
            json.writeNumberField("largeSumMbMs", largeSumMbMs);
            json.writeNumberField("cacheMb", cacheMb);
            json.writeNumberField("optimiserMbMs", optimiserMbMs);
            json.writeNumberField("spread", spread);
            broadcast.write(json, "broadcast");
            collect.write(json, "collect");
            slices.write(json, "slices");
            order.write(json, "order");
            report.write(json, "report");
            json.writeEndObject();
        }
    }

    /**
     * Reads what {@link #write} has written, perhaps changed by hand.
     *
     * @param file its name in messages
     * @throws FormatException for anything else
     */
    public static ClusterCosts read(InputStream in, String file) throws IOException {
        StrictJson json = new StrictJson(in, file);
        String[] texts = new String[TEXTS.size()];
        double[] numbers = new double[NUMBERS.size()];
        ExchangeCost[] exchanges = new ExchangeCost[EXCHANGES.size()];
        int[] executors = {0};
        double[] gigaflops = {0};
        List<String> required = new ArrayList<>(List.of("format", "version", "executors"));
        required.addAll(TEXTS);
        required.addAll(NUMBERS);
        required.addAll(EXCHANGES);
        json.object(required, List.of("gigaflops"), field -> {
            switch (field) {
                case "format" -> json.text(List.of(FORMAT));
                case "version" -> json.integer(VERSION, VERSION);
                case "executors" -> executors[0] = json.integer(0, Integer.MAX_VALUE);
                case "gigaflops" -> gigaflops[0] = json.number(Double.MIN_NORMAL);
                default -> {
                    if (TEXTS.contains(field)) {
                        texts[TEXTS.indexOf(field)] = json.text();
                    } else if (EXCHANGES.contains(field)) {
                        exchanges[EXCHANGES.indexOf(field)] = ExchangeCost.read(json);
                    } else {
                        numbers[NUMBERS.indexOf(field)] = json.number(0);
                    }
                }
            }
        });
        json.end();
        return new ClusterCosts(
                new Origin(texts[0], texts[1], executors[0], texts[2]),
                gigaflops[0] == 0 ? OptionalDouble.empty() : OptionalDouble.of(gigaflops[0]),
                numbers[0],
                numbers[1],
                numbers[2],
                numbers[3],
                numbers[4],
                numbers[5],
                numbers[6],
                numbers[7],
                exchanges[0],
                exchanges[1],
                exchanges[2],
                exchanges[3],
                exchanges[4]);
    }
}
