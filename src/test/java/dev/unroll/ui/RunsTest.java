package dev.unroll.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.apache.spark.util.JsonProtocol;
import org.apache.spark.util.kvstore.KVStoreSerializer;
import org.junit.jupiter.api.Test;

class RunsTest {

    private static final String HOSTILE = "\"><script>alert('x')</script>\u0000";

    private static TrainingEvent.Update update(String training, long iteration, TrainingEvent.Flow flow) {
        return new TrainingEvent.Update(
                training,
                1_000 * iteration,
                iteration,
                100_000,
                0,
                iteration == 7 ? Double.NaN : 1.0 / iteration,
                0.5,
                Double.POSITIVE_INFINITY,
                0.003,
                64,
                1024,
                1,
                1,
                2,
                3,
                4,
                5,
                1.25,
                52.5,
                3,
                HOSTILE,
                flow == null ? Map.of() : Map.of("loss", 0.25, "accuracy", Double.NaN),
                flow == null ? List.of() : List.of(HOSTILE),
                flow);
    }

    private static TrainingEvent.Flow flow() {
        return new TrainingEvent.Flow(2, 4, List.of(List.of(1f, 0.1f, 0.001f, 0f), List.of(Float.NaN, 2f, 0f, 1e-30f)));
    }

    @Test
    void events_surviveTheEventLog() {
        for (TrainingEvent event : List.of(
                new TrainingEvent.Start("a", 1, HOSTILE, "net", "plan"),
                update("a", 1, null),
                update("a", 7, flow()),
                new TrainingEvent.End("a", 2, HOSTILE))) {
            String json = JsonProtocol.sparkEventToJsonString(event);
            assertEquals(event, JsonProtocol.sparkEventFromJson(json), json);
            assertTrue(event.logEvent());
        }
        String usual = JsonProtocol.sparkEventToJsonString(update("2f6f2a0c-5d2c-4f0e-9a7e-6f0d8a3b9c11", 12345, null));
        assertTrue(usual.length() < 500, usual);
    }

    @Test
    void memory_isBounded() {
        Runs runs = new Runs();
        for (int training = 0; training < Runs.MOST + 5; training++) {
            runs.onOtherEvent(new TrainingEvent.Start("t" + training, 1, "name", "net", "plan"));
        }
        runs.onOtherEvent(update("t0", 1, null));
        String latest = "t" + (Runs.MOST + 4);
        for (int iteration = 1; iteration <= 10_000; iteration++) {
            runs.onOtherEvent(update(latest, iteration, iteration % 10 == 0 ? flow() : null));
        }
        List<Run> kept = runs.runs();
        assertEquals(Runs.MOST, kept.size());
        Run run = kept.get(kept.size() - 1);
        assertEquals(latest, run.training());
        assertEquals(10_000, run.latest().iteration());
        assertTrue(run.updates().size() <= Runs.MOST_UPDATES && run.updates().size() > Runs.MOST_UPDATES / 2);
        assertEquals(1, run.updates().get(0).iteration());
        assertEquals(9, run.updates().get(1).iteration());
        assertTrue(run.flows().size() <= 64 && run.flows().size() > 16);
        assertTrue(run.updates().stream().allMatch(u -> u.flow() == null));
    }

    /** A History Server with a disk store writes what is kept, and reads it after it was started anew. */
    @Test
    void runs_surviveTheHistoryServersDisk() throws Exception {
        Runs runs = new Runs();
        runs.onOtherEvent(new TrainingEvent.Start("a", 1, HOSTILE, "net", "plan"));
        runs.onOtherEvent(update("a", 1, flow()));
        runs.onOtherEvent(update("a", 2, null));
        Run run = runs.runs().get(0);
        KVStoreSerializer serializer = new org.apache.spark.status.KVUtils.KVStoreScalaSerializer();
        assertEquals(run, serializer.deserialize(serializer.serialize(run), Run.class));
    }

    @Test
    void page_escapesWhatComesFromData_andStandsWhatIsNotFinite() {
        Runs runs = new Runs();
        runs.onOtherEvent(new TrainingEvent.Start("a", 1, HOSTILE, HOSTILE, HOSTILE));
        assertTrue(TrainingPage.html(runs.runs(), null, false).contains("running"));
        for (int iteration = 1; iteration <= 10; iteration++) {
            runs.onOtherEvent(update("a", iteration, iteration % 5 == 0 ? flow() : null));
        }
        runs.onOtherEvent(new TrainingEvent.End("a", 2, HOSTILE));
        String html = TrainingPage.html(runs.runs(), HOSTILE, true);
        assertFalse(html.contains("<script"), html);
        assertFalse(html.contains("\u0000"), html);
        assertTrue(html.contains("&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"), html);
        assertTrue(html.contains("alert-warning"), html);
        assertFalse(html.matches("(?s).*=\"[^\"]*(NaN|Infinity)[^\"]*\".*"), html);
    }

    @Test
    void page_showsWhatRuns_orElseTheLongest() {
        Runs runs = new Runs();
        for (String training : List.of("long", "short")) {
            runs.onOtherEvent(new TrainingEvent.Start(training, 1, training, "net", "plan"));
            runs.onOtherEvent(update(training, training.equals("long") ? 20 : 3, null));
            assertTrue(TrainingPage.html(runs.runs(), null, false).contains("</strong>" + training + ": net"));
            runs.onOtherEvent(new TrainingEvent.End(training, 2, "over"));
        }
        assertTrue(TrainingPage.html(runs.runs(), null, false).contains("</strong>long: net"));
        assertTrue(TrainingPage.html(runs.runs(), "short", false).contains("</strong>short: net"));
    }

    @Test
    void page_saysThatThereIsNone() {
        assertTrue(TrainingPage.html(List.of(), null, false).contains("No training has begun."));
    }
}
