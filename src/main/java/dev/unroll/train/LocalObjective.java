package dev.unroll.train;

import dev.unroll.data.Shard;
import dev.unroll.data.ShardPlan;
import dev.unroll.worker.EvaluationRequest;
import dev.unroll.worker.GradientSum;
import dev.unroll.worker.Problem;
import dev.unroll.worker.ShardChunk;
import dev.unroll.worker.ShardWorkers;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The objective in this process, without Spark. Same sums, same bits. */
public final class LocalObjective implements Objective {

    private final Problem problem;
    private final ShardPlan plan;
    private final List<Shard> training;
    private final List<Shard> validation;
    private final ShardWorkers workers;

    /**
     * @param training all U shards of the plan
     * @param validation shards to validate on; may be empty
     * @param parallelism number of threads; has no influence on any bit
     */
    public LocalObjective(
            Problem problem, ShardPlan plan, List<Shard> training, List<Shard> validation, int parallelism) {
        this.problem = problem;
        this.plan = plan;
        this.training = List.copyOf(training);
        this.validation = List.copyOf(validation);
        this.workers = new ShardWorkers(problem.network(), parallelism);
    }

    @Override
    public Evaluation evaluate(float[] theta, EvaluationRequest request) {
        long start = System.nanoTime();
        GradientSum root = workers.gradient(
                        theta, ShardChunk.of(training, plan, request.batch()), plan, request, problem)
                .root();
        return new Evaluation(root, new Phases(0, (System.nanoTime() - start) / 1e6, 0, 0, 0), 1);
    }

    @Override
    public Optional<Map<String, Double>> validate(float[] theta) {
        return validation.isEmpty()
                ? Optional.empty()
                : Optional.of(workers.evaluate(theta, ShardChunk.all(validation), validation.size(), problem)
                        .root()
                        .metrics(problem));
    }

    @Override
    public void close() {
        workers.close();
    }
}
