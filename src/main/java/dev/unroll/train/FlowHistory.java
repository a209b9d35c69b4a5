package dev.unroll.train;

import dev.unroll.worker.GradientFlow;
import dev.unroll.worker.GradientTerms;
import java.io.Serializable;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Records how far back gradients reached, of sampled iterations (of every second, fourth ... where there are more than
 * {@value #MOST}) and of the latest that was observed; and the two terms of equation (4) of the latest.
 */
public final class FlowHistory implements IterationListener, Serializable {

    private static final long serialVersionUID = 1L;

    private static final int MOST = 512;

    private record Observed(long iteration, GradientFlow flow) implements Serializable {}

    private final Thinned<Observed> flows = new Thinned<>(MOST);
    private GradientFlow latest;
    private GradientTerms terms;

    @Override
    public void onIteration(IterationReport report) {
        report.gradientFlow().ifPresent(flow -> {
            latest = flow;
            if (report.isSampled()) {
                flows.add(new Observed(report.iteration(), flow));
            }
        });
        report.gradientTerms().ifPresent(latestTerms -> terms = latestTerms);
    }

    /** The two terms of equation (4) and saturation, of the latest iteration. */
    public Optional<GradientTerms> latestTerms() {
        return Optional.ofNullable(terms);
    }

    /** Flows by iteration: the rows of a heat map. */
    public SortedMap<Long, GradientFlow> flows() {
        SortedMap<Long, GradientFlow> byIteration = new TreeMap<>();
        flows.elements().forEach(observed -> byIteration.put(observed.iteration(), observed.flow()));
        return byIteration;
    }

    /** The latest; empty where none was followed. */
    public Optional<GradientFlow> latest() {
        return Optional.ofNullable(latest);
    }
}
