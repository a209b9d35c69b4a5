package dev.unroll.ml;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unroll.testing.SparkTest;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;

/** Spark's UI says of each job whose training it belongs to, and which update it begins with. */
@SparkTest
class JobDescriptionsTest {

    private static final String KEY = "spark.job.description";

    private static Set<String> descriptions(SparkSession spark, int updatesPerJob) throws Exception {
        Set<String> seen = new ConcurrentSkipListSet<>();
        SparkContext context = spark.sparkContext();
        SparkListener listener = new SparkListener() {
            @Override
            public void onJobStart(SparkListenerJobStart job) {
                seen.add(String.valueOf(job.properties().getProperty(KEY)));
            }
        };
        context.addSparkListener(listener);
        try {
            new RnnClassifier("names")
                    .setFeaturesCol("name")
                    .setLabelCol("sex")
                    .setHiddenSize(4)
                    .setMaxIter(4)
                    .setEngine("spark")
                    .setUpdatesPerJob(updatesPerJob)
                    .fit(spark.sql("select 'anna' as name, 'F' as sex union all select 'otto', 'M'"));
            context.listenerBus().waitUntilEmpty();
        } finally {
            context.removeSparkListener(listener);
        }
        return seen;
    }

    @Test
    void jobs_areOfAnUpdate(SparkSession spark) throws Exception {
        Set<String> seen = descriptions(spark, 1);
        assertTrue(
                seen.containsAll(List.of(
                        "names, from the first update of this run",
                        "names, from update 2 of 4",
                        "names, from update 4 of 4")),
                seen::toString);
        assertEquals(null, spark.sparkContext().getLocalProperty(KEY), "afterwards as before");
    }

    @Test
    void groups_areOfTheirFirstUpdate_andTheUsersWordsComeFirst(SparkSession spark) throws Exception {
        spark.sparkContext().setJobDescription("nightly");
        try {
            Set<String> seen = descriptions(spark, 3);
            assertTrue(seen.contains("nightly, names, from the first update of this run"), seen::toString);
            assertTrue(seen.contains("nightly, names, from update 4 of 4"), seen::toString);
            assertFalse(seen.contains("nightly, names, from update 2 of 4"), seen::toString);
            assertEquals("nightly", spark.sparkContext().getLocalProperty(KEY));
        } finally {
            spark.sparkContext().setJobDescription(null);
        }
    }
}
