package dev.unroll.ui;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.status.AppHistoryServerPlugin;
import org.apache.spark.status.ElementTrackingStore;
import org.apache.spark.ui.SparkUI;
import org.apache.spark.util.kvstore.KVStore;
import org.apache.spark.util.kvstore.KVStoreIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.BoxedUnit;

/**
 * The tab in a History Server, which finds this class by its services file: hears the events of a log, puts the
 * trainings into the server's store of the application, and gives the application's UI a tab where there are any.
 */
public final class TrainingHistory implements AppHistoryServerPlugin {

    private static final Logger LOG = LoggerFactory.getLogger(TrainingHistory.class);

    @Override
    public Seq<SparkListener> createListeners(SparkConf conf, ElementTrackingStore store) {
        Runs runs = new Runs();
        store.onFlush(() -> {
            costsTheTabAlone(() -> runs.runs().forEach(store::write));
            return BoxedUnit.UNIT;
        });
        return CollectionConverters.asScala(List.<SparkListener>of(runs)).toSeq();
    }

    @Override
    public void setupUI(SparkUI ui) {
        costsTheTabAlone(() -> {
            KVStore store = ui.store().store();
            if (!read(store).isEmpty()) {
                ui.attachTab(new TrainingTab(ui, () -> read(store)));
            }
        });
    }

    /** What goes wrong here, with a store or a UI of another version, must not take the application's whole UI away. */
    private static void costsTheTabAlone(Runnable work) {
        try {
            work.run();
        } catch (Exception | LinkageError e) {
            LOG.warn("the History Server has no Training tab for an application: {}", e.toString());
        }
    }

    private static List<Run> read(KVStore store) {
        List<Run> runs = new ArrayList<>();
        try (KVStoreIterator<Run> all = store.view(Run.class).closeableIterator()) {
            all.forEachRemaining(runs::add);
        } catch (Exception e) {
            throw new IllegalStateException("the History Server's store cannot be read: " + e.getMessage(), e);
        }
        runs.sort(Comparator.comparingLong(Run::place));
        return runs;
    }
}
