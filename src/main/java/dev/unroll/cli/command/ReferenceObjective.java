package dev.unroll.cli.command;

import dev.unroll.data.Shard;
import dev.unroll.data.ShardPlan;
import dev.unroll.nn.Draws;
import dev.unroll.reference.ReferenceNetwork;
import dev.unroll.spark.shards.ShardedRows;
import dev.unroll.worker.Problem;
import dev.unroll.worker.Sum;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * The objective with the reference in the kernel's place: theta in double is broadcast, each task walks its shards, the
 * sums go through the canonical tree and are divided once.
 */
final class ReferenceObjective {

    private final JavaSparkContext context;
    private final Problem problem;
    private final ShardPlan plan;
    private final ShardedRows rows;

    /** @param plan of one batch: all sequences */
    ReferenceObjective(JavaSparkContext context, Problem problem, ShardPlan plan, ShardedRows rows) {
        this.context = context;
        this.problem = problem;
        this.plan = plan;
        this.rows = rows;
    }

    /** With the draws of that plan's only batch. */
    static ReferenceNetwork network(Problem problem, ShardPlan plan) {
        return new ReferenceNetwork(
                        problem.network(),
                        problem.loss().reduction(),
                        problem.unrolling(),
                        new Draws(plan.seed(), plan.batch(0).epoch(), plan.shards()))
                .withLabelSmoothing(problem.loss().labelSmoothing());
    }

    /** The mean loss and its gradient. */
    ReferenceNetwork.Sums evaluate(double[] theta) {
        Broadcast<double[]> broadcast = context.broadcast(theta);
        Work work = new Work(problem, plan);
        try {
            return rows.sum((before, whole) -> work.sum(broadcast.value(), whole), DoubleSum::read).sums;
        } finally {
            broadcast.destroy();
        }
    }

    /** What a task needs to know. */
    private record Work(Problem problem, ShardPlan plan) implements Serializable {

        /** Null for a shard without sequences. */
        DoubleSum sum(double[] theta, Shard shard) {
            ShardPlan.Batch all = plan.batch(0);
            ReferenceNetwork network = network(problem, plan);
            ReferenceNetwork.Sums sums = null;
            for (int place : plan.places(all, shard.index())) {
                long ordinal = (long) place * plan.shards() + shard.index();
                ReferenceNetwork.Sums one = network.evaluate(theta, shard.sequence(place), ordinal);
                sums = sums == null ? one : sums.plus(one);
            }
            return sums == null ? null : new DoubleSum(sums);
        }
    }

    /** A sum in double on its way through the tree. */
    private static final class DoubleSum implements Sum<DoubleSum> {

        private ReferenceNetwork.Sums sums;

        DoubleSum(ReferenceNetwork.Sums sums) {
            this.sums = sums;
        }

        @Override
        public void merge(DoubleSum other) {
            sums = sums.plus(other.sums);
        }

        @Override
        public int byteCount() {
            return Math.addExact(
                    Integer.BYTES, Math.multiplyExact(Math.addExact(2, sums.gradientSum().length), Double.BYTES));
        }

        @Override
        public void write(ByteBuffer out) {
            double[] gradient = sums.gradientSum();
            out.putInt(gradient.length).putDouble(sums.lossSum()).putDouble(sums.weightSum());
            out.asDoubleBuffer().put(gradient);
            out.position(out.position() + gradient.length * Double.BYTES);
        }

        static DoubleSum read(ByteBuffer in) {
            double[] gradient = new double[in.getInt()];
            double loss = in.getDouble();
            double weight = in.getDouble();
            DoubleBuffer numbers = in.asDoubleBuffer();
            numbers.get(gradient);
            in.position(in.position() + gradient.length * Double.BYTES);
            return new DoubleSum(new ReferenceNetwork.Sums(loss, weight, gradient));
        }
    }
}
