package dev.unroll.cli.command;

import dev.unroll.cli.frame.Option;
import dev.unroll.cli.frame.Rounding;
import dev.unroll.cli.frame.Settings;
import dev.unroll.cli.frame.UsageException;
import dev.unroll.preflight.ClusterCosts;
import dev.unroll.preflight.Preflight;
import dev.unroll.preflight.ScaleEstimate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/** What {@code plan} says of other numbers of executors, as a table and as JSON. */
final class ScaleTable {

    static final String EXECUTORS = "executors";
    private static final String PRICE = "price";
    private static final String NOISE_SCALE = "noise-scale";
    private static final int MOST = 10_000;

    private ScaleTable() {}

    static List<Option> options() {
        return List.of(
                Option.text(
                        EXECUTORS,
                        "numbers of executors to predict an update on, such as 1,2,4,8, each with as many tasks at once as one"
                                + " has in this session; in local mode this process counts as one"),
                Option.number(PRICE, 0, "with executors: what an executor costs an hour, for the cost of an epoch"),
                Option.number(
                        NOISE_SCALE,
                        1,
                        "with executors: the noiseScale of an earlier training's last line, to say up to which batch-size"
                                + " larger mini-batches still pay"));
    }

    /** @throws UsageException for numbers that are none, and keys that need others */
    static void check(Settings settings) {
        executors(settings);
        for (String key : List.of(PRICE, NOISE_SCALE)) {
            if (settings.has(key) && !settings.has(EXECUTORS)) {
                throw new UsageException(key + " is given without " + EXECUTORS);
            }
        }
    }

    private static List<Integer> executors(Settings settings) {
        List<Integer> executors = new ArrayList<>();
        for (String number :
                settings.get(EXECUTORS).map(text -> text.split(",", -1)).orElse(new String[0])) {
            int count = number.strip().matches("[1-9][0-9]{0,5}") ? Integer.parseInt(number.strip()) : 0;
            if (count < 1 || count > MOST || executors.contains(count)) {
                throw new UsageException(EXECUTORS + " is " + settings.require(EXECUTORS)
                        + "; allowed are different whole numbers from 1 to " + MOST + " with commas between them");
            }
            executors.add(count);
        }
        return executors;
    }

    /**
     * Prints the table, and adds to the JSON.
     *
     * @param costs of executors
     */
    static void add(Settings settings, Preflight findings, ClusterCosts costs, Map<String, Object> json) {
        List<Integer> executors = executors(settings);
        OptionalDouble price = settings.has(PRICE) ? OptionalDouble.of(settings.number(PRICE)) : OptionalDouble.empty();
        ScaleEstimate scale = findings.scale(costs, 0, executors, price);
        System.out.println("executors  tasks   ms an update  updates an hour  speed-up  efficiency"
                + (price.isPresent() ? "  cost of an epoch" : ""));
        List<Map<String, ?>> points = new ArrayList<>();
        for (ScaleEstimate.Point point : scale.points()) {
            System.out.println(String.format(
                            Locale.ROOT,
                            "%9d  %5d  %13.1f  %15.0f  %8.2f  %10.2f",
                            point.executors(),
                            point.tasks(),
                            point.time().totalMs(),
                            point.updatesPerHour(),
                            point.speedup(),
                            point.efficiency())
                    + (price.isPresent()
                            ? String.format(
                                    Locale.ROOT, "  %16.4f", point.costOfEpoch().getAsDouble())
                            : ""));
            points.add(json(point));
        }
        json.put("scale", points);
        scale.useful().ifPresent(point -> json.put("usefulExecutors", point.executors()));
        json.put("fastestExecutors", scale.fastest().executors());
        System.out.println("executors: " + sentence(scale) + origin(findings, costs));
        if (settings.has(NOISE_SCALE)) {
            batch(settings, findings, costs, executors, json);
        }
    }

    private static Map<String, ?> json(ScaleEstimate.Point point) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("executors", point.executors());
        json.put("tasks", point.tasks());
        json.put("iterationMs", Rounding.rounded(point.time().totalMs(), 2));
        json.put("updatesPerHour", Math.round(point.updatesPerHour()));
        json.put("speedup", Rounding.rounded(point.speedup(), 3));
        json.put("efficiency", Rounding.rounded(point.efficiency(), 3));
        point.costOfEpoch().ifPresent(cost -> json.put("costOfEpoch", Rounding.rounded(cost, 6)));
        return json;
    }

    private static String sentence(ScaleEstimate scale) {
        return scale.useful()
                        .map(point -> point.executors() + " are the most of these with an efficiency of "
                                + ScaleEstimate.WORTH_IT + " or more")
                        .orElse("none of these has an efficiency of " + ScaleEstimate.WORTH_IT)
                + "; " + scale.fastest().executors() + " take the least time";
    }

    private static String origin(Preflight findings, ClusterCosts costs) {
        String measured = costs.equals(ClusterCosts.usual(false))
                ? "; of usual costs, none were measured here"
                : "; of costs measured on " + costs.origin().executors() + " executors, "
                        + costs.origin().date();
        return findings.engines().session().local() ? measured + "; this session has no executors" : measured;
    }

    private static void batch(
            Settings settings,
            Preflight findings,
            ClusterCosts costs,
            List<Integer> executors,
            Map<String, Object> json) {
        long sequences = findings.work().plan().sequences();
        int batch = (int) Math.min(Math.round(settings.number(NOISE_SCALE)), Math.min(sequences, Integer.MAX_VALUE));
        ScaleEstimate scale = findings.scale(costs, batch, executors, OptionalDouble.empty());
        json.put("noiseBatch", batch);
        scale.useful().ifPresent(point -> json.put("usefulExecutorsOfNoiseBatch", point.executors()));
        System.out.println(
                "batch: up to some " + batch + " sequences an update pay, by the noise scale; this training has "
                        + findings.work().plan().effectiveBatchSize() + ". With " + batch + ", " + sentence(scale));
    }
}
