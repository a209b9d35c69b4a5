package dev.unroll.fit;

import dev.unroll.spark.shards.ObjectBytes;
import dev.unroll.train.TrainingException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * What is done in one task.
 *
 * @param <R> what comes of it
 */
interface TaskWork<R extends Serializable> extends Serializable {

    R run();

    /** How long it takes, beside other work. */
    long size();

    /**
     * Does work in one job, a task each, as many at once as Spark has cores.
     *
     * @param name of the job
     * @return what comes of it, in the order of the work
     * @throws TrainingException if somebody cancelled the job
     */
    static <R extends Serializable> List<R> run(
            JavaSparkContext context, String name, List<? extends TaskWork<R>> all) {
        // Long work first, so that what comes last is short.
        List<TaskWork<R>> order = new ArrayList<>(all);
        order.sort(Comparator.comparingLong(TaskWork<R>::size).reversed());
        List<byte[]> tasks = order.stream().map(ObjectBytes::write).toList();
        try (JobDescriptions descriptions = new JobDescriptions(context, name)) {
            descriptions.begin();
            List<byte[]> results = context.parallelize(tasks, Math.max(1, tasks.size()))
                    .map(task -> ObjectBytes.write(
                            ObjectBytes.<TaskWork<R>>read(task).run()))
                    .collect();
            IdentityHashMap<TaskWork<R>, R> byWork = new IdentityHashMap<>();
            for (int n = 0; n < results.size(); n++) {
                byWork.put(order.get(n), ObjectBytes.read(results.get(n)));
            }
            return all.stream().map(byWork::get).toList();
        } catch (Exception e) { // Spark's are checked ones that nobody announces
            Optional<TrainingException> stopped = new CancelledJob().stopped(e);
            if (stopped.isPresent()) {
                throw stopped.get();
            }
            throw e;
        }
    }
}
