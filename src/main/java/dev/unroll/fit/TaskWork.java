package dev.unroll.fit;

import dev.unroll.spark.shards.ObjectBytes;
import dev.unroll.train.TrainingException;
import java.io.Serializable;
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

    /**
     * Does work in one job, a task each, as many at once as Spark has cores.
     *
     * @param name of the job
     * @return what comes of it, in the order of the work
     * @throws TrainingException if somebody cancelled the job
     */
    static <R extends Serializable> List<R> run(
            JavaSparkContext context, String name, List<? extends TaskWork<R>> all) {
        List<byte[]> tasks = all.stream().map(ObjectBytes::write).toList();
        try (JobDescriptions descriptions = new JobDescriptions(context, name)) {
            descriptions.begin();
            return context
                    .parallelize(tasks, Math.max(1, tasks.size()))
                    .map(task -> ObjectBytes.write(
                            ObjectBytes.<TaskWork<R>>read(task).run()))
                    .collect()
                    .stream()
                    .map(ObjectBytes::<R>read)
                    .toList();
        } catch (Exception e) { // Spark's are checked ones that nobody announces
            Optional<TrainingException> stopped = new CancelledJob().stopped(e);
            if (stopped.isPresent()) {
                throw stopped.get();
            }
            throw e;
        }
    }
}
