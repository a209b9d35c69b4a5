package dev.unroll.testing;

import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.ClassDescriptor;
import org.junit.jupiter.api.ClassOrderer;
import org.junit.jupiter.api.ClassOrdererContext;
import org.junit.jupiter.api.Order;

/**
 * Runs the tests of a package after those of the packages that it imports, so that the first red test is the one next to the mistake: a
 * wrong cell fails its own test before it fails a network, a parity case or a whole training. Within a package {@link Order} decides, then
 * the name.
 */
public final class BottomUp implements ClassOrderer {

    /** From the ground up. ArchitectureTest holds it against the layers; a package that is not named here runs last. */
    public static final List<String> PACKAGES = List.of(
            "math",
            "math.bench",
            "distribution",
            "data",
            "param",
            "nn",
            "metric",
            "reference",
            "optim",
            "format",
            "worker",
            "train",
            "testkit",
            "parity",
            "model",
            "export",
            "plot",
            "", // the rules of the architecture
            "spark.source",
            "spark.shards",
            "spark.rows",
            "spark.iteration",
            "preflight",
            "ui",
            "fit",
            "ml",
            "cli.frame",
            "cli.bench",
            "cli.command",
            "cli",
            "example");

    private static final String ROOT = "dev.unroll";

    @Override
    public void orderClasses(ClassOrdererContext context) {
        context.getClassDescriptors()
                .sort(Comparator.comparingInt(BottomUp::rank)
                        .thenComparingInt(BottomUp::order)
                        .thenComparing(type -> type.getTestClass().getName()));
    }

    private static int rank(ClassDescriptor type) {
        String name = type.getTestClass().getPackageName();
        int rank = PACKAGES.indexOf(name.equals(ROOT) ? "" : name.substring(ROOT.length() + 1));
        return rank < 0 ? PACKAGES.size() : rank;
    }

    private static int order(ClassDescriptor type) {
        return type.findAnnotation(Order.class).map(Order::value).orElse(Order.DEFAULT);
    }
}
