package dev.unroll.fit;

import dev.unroll.data.ShardPlan;
import dev.unroll.preflight.Cluster;
import dev.unroll.preflight.EngineChoice;
import dev.unroll.spark.iteration.SparkObjective;
import dev.unroll.spark.shards.ShardedRows;
import dev.unroll.spark.shards.Shards;
import dev.unroll.train.LocalObjective;
import dev.unroll.train.Objective;
import dev.unroll.worker.Problem;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Where the sums of an update are computed: takes the shards, gives the objective over them.
 *
 * @param <S> where the shards are
 */
interface ObjectiveFactory<S extends Shards> {

    /** The objective, which frees the shards when it is closed or has copied them. */
    Objective objective(Problem problem, ShardPlan plan, S training, Optional<? extends S> validation);

    /** Where that was chosen for rows that are on the cluster. */
    static Function<EngineChoice, ObjectiveFactory<? super ShardedRows>> of(
            JavaSparkContext context, PlacementConfig placement) {
        int threads = Cluster.of(context).oneMachine().tasksAtOnce();
        return engine -> engine.local() ? local(threads) : cluster(context, placement.updatesPerJob());
    }

    /** In tasks on the cluster. */
    private static ObjectiveFactory<ShardedRows> cluster(JavaSparkContext context, int updatesPerJob) {
        return (problem, plan, training, validation) ->
                new SparkObjective(context, problem, plan, training, validation.map(shards -> shards), updatesPerJob);
    }

    /** In this process, by that many threads. */
    static <S extends Shards> ObjectiveFactory<S> local(int threads) {
        return (problem, plan, training, validation) -> {
            LocalObjective objective = new LocalObjective(
                    problem,
                    plan,
                    training.collect(),
                    validation.map(Shards::collect).orElse(List.of()),
                    threads);
            training.close();
            validation.ifPresent(Shards::close);
            return objective;
        };
    }
}
