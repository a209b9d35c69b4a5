package dev.unroll.cli.command;

import dev.unroll.cli.bench.CostsFile;
import dev.unroll.cli.frame.Command;
import dev.unroll.cli.frame.Option;
import dev.unroll.cli.frame.Rounding;
import dev.unroll.cli.frame.Settings;
import dev.unroll.data.Printable;
import dev.unroll.data.ShardPlan;
import dev.unroll.math.Lanes;
import dev.unroll.ml.RnnEstimator;
import dev.unroll.preflight.Advice;
import dev.unroll.preflight.ClusterCosts;
import dev.unroll.preflight.MemoryNeed;
import dev.unroll.preflight.Preflight;
import dev.unroll.spark.iteration.Bytes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;

/** {@code plan}: what a training will send, hold and take, and what to change; reads the rows and trains nothing. */
public final class PlanCommand implements Command {

    @Override
    public String name() {
        return "plan";
    }

    @Override
    public String description() {
        return "Says before a training what it sends, the memory and the time it takes, and what to change; takes its keys. Trains nothing.";
    }

    @Override
    public List<Option> options() {
        List<Option> options = new ArrayList<>(TrainingRows.options());
        options.add(CostsFile.OPTION);
        options.addAll(ScaleTable.options());
        return options;
    }

    @Override
    public boolean trains() {
        return true;
    }

    @Override
    public boolean prepares() {
        return true;
    }

    @Override
    public void check(Settings settings) {
        TrainingRows.check(settings);
        ScaleTable.check(settings);
        CostsFile.read(settings);
    }

    @Override
    public Map<String, ?> run(SparkSession spark, Settings given) throws IOException {
        Settings settings = TrainingRows.withDefaults(given);
        RnnEstimator<?, ?> estimator = settings.applyTo(Estimators.of(settings));
        TrainingRows rows = TrainingRows.read(spark, settings, TrainingRows.preparation(settings, estimator));
        Preflight findings = rows.validation().isPresent()
                ? estimator.plan(rows.training(), rows.validation().get())
                : estimator.plan(rows.training());
        Map<String, Long> skipped = SkippedRows.sum(rows.skipped(), findings.skipped());
        Optional<ClusterCosts> costs = CostsFile.read(settings);
        boolean local = findings.engines().session().local();
        if (settings.has(ScaleTable.EXECUTORS)) {
            costs.filter(ClusterCosts::isLocal).ifPresent(any -> {
                throw new IllegalArgumentException("costs were measured in one process; allowed with "
                        + ScaleTable.EXECUTORS + " are costs that were measured on executors");
            });
            // Those of executors say nothing of a session without any.
            findings = local || costs.isEmpty() ? findings : findings.withCosts(costs.get());
        } else if (costs.isPresent()) {
            findings = findings.withCosts(costs.get());
        }
        print(findings, skipped);
        Map<String, Object> json = json(findings, skipped);
        if (settings.has(ScaleTable.EXECUTORS)) {
            ScaleTable.add(settings, findings, costs.orElse(ClusterCosts.usual(false)), json);
        }
        return json;
    }

    private static void print(Preflight findings, Map<String, Long> skipped) {
        ShardPlan plan = findings.work().plan();
        if (!skipped.isEmpty()) {
            line("skipped", "%s", skipped);
        }
        line(
                "update",
                "%,d of %,d sequences, some %,.0f steps; %,d updates at most",
                plan.effectiveBatchSize(),
                plan.sequences(),
                findings.work().stepsPerUpdate(),
                findings.work().updates());
        line(
                "network",
                "%s, %,d units, %,d parameters, %s",
                findings.work().network().cell(),
                findings.work().network().hiddenSize(),
                findings.work().parameters(),
                Bytes.shown(findings.sending().sumBytes()));
        line("shards", "%s", findings.shards());
        line("engine", "%s, %s", findings.engine().key(), findings.engine().reason());
        line(
                "tasks",
                "%d at once of %d that could be; the longest has %.2f times the steps of the mean one",
                findings.tasks().count(),
                findings.cluster().tasksAtOnce(),
                findings.tasks().balance());
        line("sums", "%s", sums(findings));
        if (!findings.cluster().local()) {
            line("executor", "%s", memory(findings.executor()));
        }
        line("driver", "%s%s", memory(findings.driver()), findings.cluster().local() ? ", tasks included" : "");
        line(
                "time",
                "%.1f ms an update: %s; %s in all",
                findings.time().totalMs(),
                PhaseTimes.sentence(findings.time()),
                duration(findings.time().totalMs() * findings.work().updates()));
        if (findings.cluster().spark()) {
            line("jobs", "one of Spark for %.0f updates", findings.time().updatesPerJob());
        }
        line(
                "one machine",
                "%.1f ms an update with engine local here, %.1f ms with engine spark%s",
                findings.oneMachine().totalMs(),
                findings.engines().spark(findings.gigaflops()).totalMs(),
                findings.oneMachineIsFaster() ? ": one machine is faster" : "");
        line(
                "rate",
                "%.0f GFLOP/s a core, of products on this machine, the driver's (%s)",
                findings.gigaflops(),
                Lanes.description());
        for (Advice advice : Advice.on(findings)) {
            line("advice", "%s: %s", advice.finding(), advice.setting());
        }
        findings.refusal().ifPresent(sentence -> line("refused", "%s", sentence));
    }

    private static String sums(Preflight findings) {
        if (!findings.cluster().spark()) {
            return "nothing is sent";
        }
        String where = findings.sending().slices() == 0
                ? "all come to the driver, in one stage"
                : "merged on executors in " + findings.sending().slices() + " slices, in a second stage";
        return String.format(
                Locale.ROOT,
                "a task sends %s at most; %s: %s an update to it (%s)",
                Bytes.shown(findings.sending().taskBytes()),
                where,
                Bytes.shown(findings.sending().inflowBytes()),
                findings.cluster().limits().sentence());
    }

    private static String memory(MemoryNeed memory) {
        return String.format(
                Locale.ROOT,
                "some %s of %s, besides cached rows; %s at the very least",
                Bytes.shown(memory.usual()),
                Bytes.shown(memory.heap()),
                Bytes.shown(memory.least()));
    }

    private static String duration(double ms) {
        long seconds = Math.round(ms / 1e3);
        return seconds < 120 ? seconds + " s" : seconds < 7200 ? seconds / 60 + " min" : seconds / 3600 + " h";
    }

    private static void line(String name, String format, Object... values) {
        System.out.println(name + ": " + Printable.of(String.format(Locale.ROOT, format, values)));
    }

    private static Map<String, Object> json(Preflight findings, Map<String, Long> skipped) {
        ShardPlan plan = findings.work().plan();
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("possible", findings.refusal().isEmpty());
        findings.refusal().ifPresent(sentence -> result.put("refusal", sentence));
        result.put("sequences", plan.sequences());
        result.put("skipped", skipped);
        result.put("updates", findings.work().updates());
        result.put("stepsPerUpdate", Rounding.rounded(findings.work().stepsPerUpdate(), 1));
        result.put("parameters", findings.work().parameters());
        result.put("shards", plan.shards());
        result.put("partitions", findings.work().partitions());
        result.put("engine", findings.engine().key());
        result.put("tasks", findings.tasks().count());
        result.put("tasksAtOnce", findings.cluster().tasksAtOnce());
        result.put("balance", Rounding.rounded(findings.tasks().balance(), 3));
        result.put("sumBytes", findings.sending().sumBytes());
        result.put("stages", findings.sending().stages());
        result.put("slices", findings.sending().slices());
        result.put("driverInflowBytes", findings.sending().inflowBytes());
        result.put("executorMemory", json(findings.executor()));
        result.put("driverMemory", json(findings.driver()));
        result.put("iterationMs", PhaseTimes.json(findings.time()));
        if (findings.cluster().spark()) {
            result.put("updatesPerJob", Rounding.rounded(findings.time().updatesPerJob(), 1));
        }
        result.put("oneMachineMs", Rounding.rounded(findings.oneMachine().totalMs(), 2));
        result.put("oneMachineIsFaster", findings.oneMachineIsFaster());
        result.put("gigaflops", Rounding.rounded(findings.gigaflops(), 1));
        List<Map<String, String>> advice = Advice.on(findings).stream()
                .map(one -> Map.of("finding", one.finding(), "setting", one.setting()))
                .toList();
        result.put("advice", advice);
        return result;
    }

    private static Map<String, ?> json(MemoryNeed memory) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("least", memory.least());
        json.put("usual", memory.usual());
        json.put("heap", memory.heap());
        return json;
    }
}
