package dev.unroll.ui;

import java.util.List;
import java.util.function.Supplier;
import org.apache.spark.SparkContext;
import org.apache.spark.ui.SparkUI;
import org.apache.spark.ui.SparkUITab;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.jdk.javaapi.CollectionConverters;

/** The tab. Spark means its UI for itself, but its classes are public to Java and have been the same since 4.0. */
final class TrainingTab extends SparkUITab {

    /** Where its page is, below the UI's own address. */
    static final String PREFIX = "training";

    private static final Logger LOG = LoggerFactory.getLogger(TrainingTab.class);
    private static final int AFTER_SPARKS_OWN = 100;

    TrainingTab(SparkUI ui, Supplier<List<Run>> runs) {
        super(ui, PREFIX);
        attachPage(new TrainingPage(this, runs));
    }

    @Override
    public int displayOrder() {
        return AFTER_SPARKS_OWN;
    }

    /** Gives the context's UI a tab, unless it has one or there is no UI. */
    static void attach(SparkContext context) {
        synchronized (TrainingTab.class) {
            if (context.ui().isEmpty()) {
                return;
            }
            SparkUI ui = context.ui().get();
            boolean there = CollectionConverters.asJava(ui.getTabs()).stream()
                    .anyMatch(tab -> tab.prefix().equals(PREFIX));
            if (there) {
                return;
            }
            Runs runs = new Runs();
            ui.attachTab(new TrainingTab(ui, runs::runs));
            context.addSparkListener(runs);
            LOG.info("training is shown at {}/{}/", ui.webUrl(), PREFIX);
        }
    }
}
