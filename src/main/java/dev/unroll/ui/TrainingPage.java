package dev.unroll.ui;

import dev.unroll.plot.Markup;
import dev.unroll.train.JobCounts;
import jakarta.servlet.http.HttpServletRequest;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.spark.ui.SparkUITab;
import org.apache.spark.ui.UIUtils;
import org.apache.spark.ui.WebUIPage;
import scala.Function0;
import scala.Option;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction0;
import scala.xml.Node;
import scala.xml.Unparsed;

/**
 * The page: one training, that which runs unless {@code ?training=} names another, and links to the others. Links are
 * relative, so proxies do not matter.
 */
final class TrainingPage extends WebUIPage {

    private static final String RELOAD = "reload";
    private static final int RELOAD_SECONDS = 5;

    private final SparkUITab tab;
    private final Supplier<List<Run>> runs;

    TrainingPage(SparkUITab tab, Supplier<List<Run>> runs) {
        super("");
        this.tab = tab;
        this.runs = runs;
    }

    @Override
    public Seq<Node> render(HttpServletRequest request) {
        String html = html(runs.get(), request.getParameter("training"), request.getParameter(RELOAD) != null);
        List<Node> nodes = List.of(new Unparsed(html));
        Seq<Node> content = CollectionConverters.asScala(nodes).toSeq();
        return inSparksFrame(request, new AbstractFunction0<>() {
            @Override
            public Seq<Node> apply() {
                return content;
            }
        });
    }

    /** With Spark's header and tabs. Versions of Spark differ in how many flags the method ends with; all are off. */
    @SuppressWarnings("unchecked")
    private Seq<Node> inSparksFrame(HttpServletRequest request, Function0<Seq<Node>> content) {
        Method header = Stream.of(UIUtils.class.getMethods())
                .filter(m -> m.getName().equals("headerSparkPage"))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("this Spark has no UIUtils.headerSparkPage"));
        Object[] arguments = new Object[header.getParameterCount()];
        Arrays.fill(arguments, false);
        List<Object> known = List.of(request, "Training", content, tab, Option.empty());
        for (int i = 0; i < known.size(); i++) {
            arguments[i] = known.get(i);
        }
        try {
            return (Seq<Node>) header.invoke(null, arguments);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("Spark's page cannot be made: " + e, e);
        }
    }

    /** Everything below Spark's header. */
    static String html(List<Run> runs, String wanted, boolean reloads) {
        Markup out = new Markup();
        out.open("div", "id", "unroll-training");
        if (runs.isEmpty()) {
            out.element("p", "No training has begun.");
            return out.close("div").toString();
        }
        Run run = runs.stream()
                .filter(r -> r.training().equals(wanted))
                .findFirst()
                .orElseGet(() -> first(runs));
        summary(out, run, reloads);
        for (String warning : run.warnings()) {
            out.element("div", warning, "class", "alert alert-warning", "role", "alert");
        }
        if (run.latest() != null) {
            charts(out, run);
        }
        if (runs.size() > 1) {
            others(out, runs, run);
        }
        return out.close("div").toString();
    }

    /**
     * The latest that runs, or else that with the most updates, of equals the latest: not a short one that checks
     * something afterwards.
     */
    private static Run first(List<Run> runs) {
        Run first = runs.get(0);
        for (Run run : runs) {
            boolean better = run.end() == null || (first.end() != null && iteration(run) >= iteration(first));
            first = better ? run : first;
        }
        return first;
    }

    private static long iteration(Run run) {
        return run.latest() == null ? 0 : run.latest().iteration();
    }

    private static void summary(Markup out, Run run, boolean reloads) {
        out.open("ul", "class", "list-unstyled");
        if (run.start() != null) {
            item(out, "Training", run.start().name() + ": " + run.start().network());
            item(out, "Data", run.start().plan());
        }
        item(out, "Began", time(run.began()));
        item(
                out,
                "Status",
                run.end() == null
                        ? run.status()
                        : run.status() + ", " + time(run.end().time()));
        TrainingEvent.Update latest = run.latest();
        if (latest != null) {
            out.open("li").element("strong", "Iteration: ");
            out.text(String.format(
                    Locale.ROOT, "%,d of %,d, epoch %,d ", latest.iteration(), latest.updates(), latest.epoch() + 1));
            out.open("progress", "value", latest.iteration(), "max", latest.updates())
                    .close("progress")
                    .close("li");
            item(
                    out,
                    "Loss",
                    Scale.text(latest.loss()) + ", accuracy " + Scale.text(latest.accuracy()) + ", gradient norm "
                            + Scale.text(latest.gradientNorm()) + ", step size " + Scale.text(latest.stepSize()));
            if (!run.validations().isEmpty()) {
                item(
                        out,
                        "Validation",
                        metrics(run.validations()
                                .get(run.validations().size() - 1)
                                .validation()));
            }
            item(
                    out,
                    "Speed",
                    String.format(
                            Locale.ROOT,
                            "%,.0f steps/s, %.1f ms an update, balance %.2f",
                            latest.stepsPerSecond(),
                            latest.phases().totalMs(),
                            latest.balance()));
            if (latest.updatesPerJob() > 0) {
                item(
                        out,
                        "Jobs",
                        String.format(
                                Locale.ROOT,
                                "%s; %.1f ms of an update are sending and scheduling",
                                JobCounts.sentence(latest.updatesPerJob(), latest.fallbacks(), latest.fallbackReason()),
                                latest.phases().exchangeMs()));
            }
        }
        if (!run.flows().isEmpty()) {
            TrainingEvent.Flow flow = run.flows().get(run.flows().size() - 1).flow();
            item(
                    out,
                    "Gradient reach",
                    flow.reach() >= flow.lags()
                            ? "all " + (flow.lags() - 1) + " steps back"
                            : "lag " + flow.reach() + " of " + (flow.lags() - 1)
                                    + ", where less than 1 % of it is left");
        }
        out.close("ul");
        if (run.end() == null) {
            String training = parameter(run);
            out.open("p")
                    .element(
                            "a",
                            reloads ? "stop reloading" : "reload every " + RELOAD_SECONDS + " s",
                            "href",
                            "?" + training + (reloads ? "" : "&" + RELOAD))
                    .close("p");
            if (reloads) {
                out.empty("meta", "http-equiv", "refresh", "content", RELOAD_SECONDS);
            }
        }
    }

    private static String parameter(Run run) {
        return "training=" + URLEncoder.encode(run.training(), StandardCharsets.UTF_8);
    }

    private static String metrics(Map<String, Double> metrics) {
        StringBuilder text = new StringBuilder();
        new TreeMap<>(metrics).forEach((name, value) -> text.append(text.isEmpty() ? "" : ", ")
                .append(name)
                .append(' ')
                .append(Scale.text(value)));
        return text.toString();
    }

    private static void charts(Markup out, Run run) {
        out.open("div", "class", "row");
        new Curves(run).draw(out);
        if (!run.flows().isEmpty()) {
            new FlowMap(run.flows()).draw(out);
        }
        out.close("div");
    }

    private static void others(Markup out, List<Run> runs, Run shown) {
        out.element("h4", "Trainings of this application");
        out.open("table", "class", "table table-bordered table-sm").open("tbody");
        for (int i = runs.size() - 1; i >= 0; i--) {
            Run run = runs.get(i);
            out.open("tr").open("td");
            String name = time(run.began())
                    + (run.start() == null ? "" : " " + run.start().name());
            if (run.training().equals(shown.training())) {
                out.element("strong", name);
            } else {
                out.element("a", name, "href", "?" + parameter(run));
            }
            out.close("td");
            out.element("td", run.start() == null ? "" : run.start().network());
            out.element(
                    "td",
                    run.latest() == null
                            ? ""
                            : "loss " + Scale.text(run.latest().loss()));
            out.element("td", run.status());
            out.close("tr");
        }
        out.close("tbody").close("table");
    }

    private static void item(Markup out, String name, String text) {
        out.open("li").element("strong", name + ": ").text(text).close("li");
    }

    private static String time(long ms) {
        return DateTimeFormatter.ofPattern("yyyy/MM/dd HH:mm:ss", Locale.ROOT)
                .withZone(ZoneId.systemDefault())
                .format(Instant.ofEpochMilli(ms));
    }
}
