package dev.unroll.train;

import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Keeps how the gradient flowed: of every {@value IterationReport#FLOW_INTERVAL}th iteration, and of the latest on which it was followed. */
public final class FlowHistory implements IterationListener {

    private final SortedMap<Long, GradientFlow> flows = new TreeMap<>();
    private GradientFlow latest;

    @Override
    public void onIteration(IterationReport report) {
        report.gradientFlow().ifPresent(flow -> {
            latest = flow;
            if (report.isFlowIteration()) {
                flows.put(report.iteration(), flow);
            }
        });
    }

    /** Flows by iteration: the rows of a heat map. */
    public SortedMap<Long, GradientFlow> flows() {
        return flows;
    }

    /** The latest; empty where none was followed. */
    public Optional<GradientFlow> latest() {
        return Optional.ofNullable(latest);
    }
}
