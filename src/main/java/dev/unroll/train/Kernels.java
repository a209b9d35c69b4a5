package dev.unroll.train;

import dev.unroll.math.Lanes;
import java.io.Serializable;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which kernel each process of a training ran on. All give the same bits; the scalar one is 10 to 30 times slower.
 *
 * @param lanes floats of one vector, by process: an executor's id, or "driver"; 1 is the scalar kernel
 */
public record Kernels(SortedMap<String, Integer> lanes) implements Serializable {

    /** The name of the driver's process, as Spark calls it. */
    public static final String DRIVER = "driver";

    public Kernels {
        lanes = new TreeMap<>(lanes);
    }

    /** Of this process alone. */
    public static Kernels here() {
        return new Kernels(new TreeMap<>(Map.of(DRIVER, Lanes.count())));
    }

    /** Processes that ran the scalar kernel. */
    public int scalar() {
        return (int) lanes.values().stream().filter(count -> count == 1).count();
    }

    /** What ran, such as "Vector API, 512 bits" (or "none ran", of a resumed training that was over), and where kernels differ, or are scalar, on how many processes. */
    public String sentence() {
        if (lanes.isEmpty()) {
            return "none ran";
        }
        Map<String, Long> processes = new TreeMap<>();
        lanes.values().forEach(count -> processes.merge(Lanes.description(count), 1L, Long::sum));
        if (processes.size() == 1 && (scalar() == 0 || lanes.containsKey(DRIVER))) {
            return processes.keySet().iterator().next();
        }
        StringBuilder text = new StringBuilder();
        processes.forEach((kernel, count) -> text.append(text.isEmpty() ? "" : "; ")
                .append(kernel)
                .append(" on ")
                .append(count)
                .append(" of ")
                .append(lanes.size())
                .append(" executors"));
        return text.toString();
    }
}
