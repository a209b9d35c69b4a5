package dev.unroll.math;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.System.Logger.Level;
import java.lang.management.ManagementFactory;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Which instructions products and activations run on in this JVM: those of the Vector API, or the scalar twin where the
 * Vector API is missing or would be slow. The choice is made and logged once, when it is first needed; it cannot change
 * a bit.
 */
public final class Lanes {

    /*
     * Notes for maintainers.
     *
     * 1. Where the Vector API is not compiled by C2, every vector is an object on the heap, and the scalar twin is
     *    faster by far. So vectors are refused there, each time with the setting that would allow them.
     * 2. The log is the JDK's own (System.Logger): golden hashes are computed in JVMs that have nothing but this
     *    project's classes. Spark hands what it says on to its own log, on drivers and executors.
     */

    private static final String MODULE = "jdk.incubator.vector";

    static final ProductLanes PRODUCTS;
    static final ElementwiseLanes ELEMENTWISE;

    static {
        Optional<String> obstacle = obstacle(
                ModuleLayer.boot().findModule(MODULE).isPresent(), System.getProperty("java.vm.name"), Lanes::jvmFlag);
        if (obstacle.isPresent()) {
            ScalarLanes scalar = new ScalarLanes();
            PRODUCTS = scalar;
            ELEMENTWISE = scalar;
        } else {
            VectorLanes vector = new VectorLanes();
            PRODUCTS = vector;
            ELEMENTWISE = vector;
        }
        System.getLogger(Lanes.class.getName())
                .log(
                        obstacle.isPresent() ? Level.WARNING : Level.INFO,
                        "products and activations run on: " + description()
                                + obstacle.map(text -> "; " + text).orElse(""));
    }

    private Lanes() {}

    /**
     * Why the Vector API is not used, and what to do about it; empty where it is.
     *
     * @param moduleLoaded whether its module is
     * @param jvmName the system property java.vm.name
     * @param jvmFlag the value of a flag of the JVM by its name; "" where the JVM does not know it
     */
    static Optional<String> obstacle(boolean moduleLoaded, String jvmName, UnaryOperator<String> jvmFlag) {
        if (!moduleLoaded) {
            return Optional.of("the Vector API is 10 to 30 times faster: add --add-modules=" + MODULE
                    + " to the options of the JVM");
        }
        if (!jvmName.contains("Server VM")) {
            return Optional.of("the Vector API is fast only where HotSpot's compiler C2 runs, and this JVM is "
                    + jvmName + ": use one whose java.vm.name ends with Server VM");
        }
        if (jvmFlag.apply("UseCompiler").equals("false")) {
            return Optional.of("this JVM only interprets, which is slow in all things: remove the option -Xint");
        }
        if (jvmFlag.apply("UseJVMCICompiler").equals("true")) {
            return Optional.of(
                    "the Vector API is fast only where HotSpot's compiler C2 runs, and this JVM uses the one of"
                            + " JVMCI (Graal): add -XX:-UseJVMCICompiler to the options of the JVM");
        }
        if (jvmFlag.apply("TieredStopAtLevel").matches("[0-3]")
                || jvmFlag.apply("CompilationMode").equals("quick-only")) {
            return Optional.of("the Vector API is fast only where HotSpot's compiler C2 runs, and it is off here:"
                    + " remove the option -XX:TieredStopAtLevel or -XX:CompilationMode");
        }
        return Optional.empty();
    }

    private static String jvmFlag(String name) {
        try {
            return ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                    .getVMOption(name)
                    .getValue();
        } catch (IllegalArgumentException e) {
            return ""; // this JVM was built without it
        }
    }

    /** What runs: "scalar", or "Vector API" and the width of a register. */
    public static String description() {
        return description(count());
    }

    /** The same for a JVM of which {@link #count} is known. */
    public static String description(int count) {
        return count == 1 ? "scalar" : "Vector API, " + count * Float.SIZE + " bits";
    }

    /** Floats of one vector; 1 without vectors. */
    public static int count() {
        return PRODUCTS.lanes();
    }

    /** The shape of the tallest tile of a product, rows x floats. */
    public static String tile() {
        return PRODUCTS.tile();
    }
}
