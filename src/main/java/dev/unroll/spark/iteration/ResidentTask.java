package dev.unroll.spark.iteration;

import dev.unroll.data.ShardPlan;
import dev.unroll.spark.shards.ShardDivision;
import dev.unroll.spark.shards.ShardGroup;
import dev.unroll.worker.Problem;
import java.util.Iterator;
import java.util.List;
import org.apache.commons.collections4.IteratorUtils;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.apache.spark.api.java.function.VoidFunction;
import org.apache.spark.util.CollectionAccumulator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Tuple2;

/**
 * A task that stays for a group of updates: it calls the driver with what it has computed, and the driver answers with
 * the next {@link Order}, or ends it. Each order is the {@link GradientTask} that a job of its own would run.
 *
 * @param driver name of the driver's endpoint
 * @param inProcess whether the driver is in this process, so that nothing has to become bytes
 * @param division see {@link GradientTask}
 * @param ghost what it does besides; null for nothing
 */
record ResidentTask(
        String driver,
        long group,
        boolean inProcess,
        Problem problem,
        ShardPlan plan,
        int rdd,
        CollectionAccumulator<Tuple2<String, Integer>> kernels,
        boolean onePartition,
        ShardDivision division,
        GhostWork ghost)
        implements VoidFunction<Iterator<ShardGroup>> {

    private static final Logger LOG = LoggerFactory.getLogger(ResidentTask.class);

    @Override
    public void call(Iterator<ShardGroup> groups) {
        TaskContext task = TaskContext.get();
        TaskReport joins = TaskReport.joins(group, task.partitionId());
        DriverCalls.Line line;
        Object answer;
        try {
            line = DriverCalls.line(driver);
            answer = call(line, joins);
        } catch (Exception | LinkageError e) { // Spark's are checked ones that nobody announces
            if (task.isInterrupted() || e instanceof InterruptedException) {
                ExceptionUtils.rethrow(e);
            }
            LOG.warn("no line to the driver, so this update is done by a job of its own: {}", e.toString());
            return; // the driver sees that the job has ended without a result
        }
        List<ShardGroup> held = IteratorUtils.toList(groups);
        while (answer != Order.END) {
            if (task.isInterrupted()) {
                throw new TaskKilledException();
            }
            Order order = Order.of(answer);
            answer = call(
                    line, joins.with(order.number(), computation(order).result(order.parameters(), held.iterator())));
        }
    }

    private GradientTask computation(Order order) {
        return new GradientTask(
                problem,
                plan,
                order.batch(),
                order.sampled(),
                order.truncation(),
                rdd,
                kernels,
                onePartition,
                division,
                ghost);
    }

    /** The next order, or {@link Order#END}. */
    private Object call(DriverCalls.Line line, TaskReport report) {
        Object answer = line.call(inProcess ? report : report.toBytes());
        return answer instanceof byte[] bytes && bytes.length == 0 ? Order.END : answer;
    }
}
