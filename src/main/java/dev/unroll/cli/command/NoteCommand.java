package dev.unroll.cli.command;

import dev.unroll.cli.frame.Command;
import dev.unroll.cli.frame.Settings;
import dev.unroll.data.Scaling;
import dev.unroll.data.Sequence;
import dev.unroll.data.Shard;
import dev.unroll.data.ShardPlan;
import dev.unroll.nn.LearningTask;
import dev.unroll.nn.LossSpec;
import dev.unroll.reference.Note;
import dev.unroll.spark.iteration.SparkObjective;
import dev.unroll.spark.shards.ShardedRows;
import dev.unroll.train.LocalObjective;
import dev.unroll.train.Objective;
import dev.unroll.worker.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * {@code note}: the equations with numbers, and the same gradient by reference, kernel and a Spark job of two
 * partitions.
 */
public final class NoteCommand implements Command {

    @Override
    public String name() {
        return "note";
    }

    @Override
    public String description() {
        return "Prints the equations of back-propagation through time with numbers, and one gradient computed in three ways.";
    }

    @Override
    public Map<String, ?> run(SparkSession spark, Settings settings) {
        Note note = new Note();
        note.write(System.out);
        List<Sequence> sequences = note.sequences();
        Problem problem = Problem.of(note.spec(), LearningTask.TAGGING, new LossSpec(note.reduction()), Scaling.NONE);
        ShardPlan plan = new ShardPlan(1, sequences.size(), sequences.size(), 0);
        List<Shard> shards = new ArrayList<>();
        for (int u = 0; u < sequences.size(); u++) {
            shards.add(new Shard(u, List.of(sequences.get(u)), 1));
        }
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        float[] kernel = gradient(new LocalObjective(problem, plan, shards, List.of(), 1), note.theta(), plan);
        float[] distributed = gradient(
                new SparkObjective(
                        context, problem, plan, ShardedRows.of(context, shards, sequences.size()), Optional.empty()),
                note.theta(),
                plan);
        System.out.println();
        note.writeComparison(System.out, note.gradient(), kernel, distributed);
        double worst = 0;
        for (int i = 0; i < kernel.length; i++) {
            worst = Math.max(worst, Math.abs(kernel[i] - note.gradient()[i]));
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("parameters", kernel.length);
        result.put("largestDifferenceOfKernelAndReference", worst);
        result.put("sparkEqualsKernel", java.util.Arrays.equals(kernel, distributed));
        return result;
    }

    private static float[] gradient(Objective objective, float[] theta, ShardPlan plan) {
        try (objective) {
            return objective.evaluate(theta, plan.batch(0)).sum().mean();
        }
    }
}
