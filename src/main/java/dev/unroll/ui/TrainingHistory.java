package dev.unroll.ui;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.spark.SparkConf;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.status.AppHistoryServerPlugin;
import org.apache.spark.status.ElementTrackingStore;
import org.apache.spark.ui.SparkUI;
import org.apache.spark.util.kvstore.KVStore;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.BoxedUnit;

/**
 * The tab in a History Server, which finds this class by its services file: hears the events of a log, puts the trainings into the server's store of the
 * application, and gives the application's UI a tab where there are any.
 */
public final class TrainingHistory implements AppHistoryServerPlugin {

    @Override
    public Seq<SparkListener> createListeners(SparkConf conf, ElementTrackingStore store) {
        Runs runs = new Runs();
        store.onFlush(() -> {
            runs.runs().forEach(store::write);
            return BoxedUnit.UNIT;
        });
        return CollectionConverters.asScala(List.<SparkListener>of(runs)).toSeq();
    }

    @Override
    public void setupUI(SparkUI ui) {
        KVStore store = ui.store().store();
        if (read(store).findAny().isPresent()) {
            ui.attachTab(new TrainingTab(ui, () -> read(store)
                    .sorted(Comparator.comparingLong(Run::place))
                    .toList()));
        }
    }

    private static Stream<Run> read(KVStore store) {
        try {
            return StreamSupport.stream(store.view(Run.class).spliterator(), false);
        } catch (Exception e) {
            throw new IllegalStateException("the History Server's store cannot be read: " + e.getMessage(), e);
        }
    }
}
