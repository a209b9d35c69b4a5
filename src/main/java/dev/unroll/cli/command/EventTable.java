package dev.unroll.cli.command;

import dev.unroll.math.CounterRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A table of events like those that people have, with a best possible accuracy that is known: three columns of categories
 * and four of numbers, of whose cells {@value #HOLES} are empty, and two facts of the whole sequence.
 *
 * <p>The label has two bits, each a function of what can be seen, and each turned round with a probability of {@value
 * #NOISE}. So no rule is right more often than {@link #BEST_ACCURACY}, and the one that knows both functions is:
 *
 * <ul>
 *   <li>order: whether the number of the last {@code page} that is there is odd, and the other way round where {@code region}
 *       is east or west;
 *   <li>level: whether {@code base} + the sum over events of (a - 1/2, or 2 where a is missing) is above 0.
 * </ul>
 *
 * <p>Both need a fact of the sequence, and level needs to know where {@code a} is missing: 0, its mean, is its most frequent
 * value. The other columns say nothing. Each sequence is a pure function of seed and number.
 */
final class EventTable {

    /** Its name among the problems. */
    static final String KEY = "events";

    private static final double HOLES = 0.2;
    private static final double NOISE = 0.1;

    /** Both bits as their functions say. */
    static final double BEST_ACCURACY = (1 - NOISE) * (1 - NOISE);

    private static final List<String> REGIONS = List.of("north", "south", "east", "west");
    private static final List<String> DEVICES = List.of("phone", "tablet", "desk");
    private static final List<String> ACTIONS = List.of("look", "click", "search", "buy", "leave");
    private static final int PAGES = 8;

    /** How its lines begin, as a pattern: no other table is to be taken for it. */
    static final String BEGINNING =
            "\\{\"id\":\\d+,\"time\":\\d+,\"region\":\"(" + String.join("|", REGIONS) + ")\",\"base\":-?\\d";

    /** Values of a, each as often as it stands here. */
    private static final int[] A = {-2, -1, -1, 0, 0, 0, 0, 1, 1, 2};

    private static final double BASE_DEVIATION = 4;
    private static final double MISSING_A = 2;

    // Draws of a sequence, and for each event of it those of its cells from a place of its own on.
    private static final long LENGTH = 0;
    private static final long REGION = 1;
    private static final long TURNED = 2;
    private static final long EVENTS = 4;
    private static final long DRAWS = 16;
    private static final long NORMAL = 1L << 40; // each takes two draws, of twice its place

    private final CounterRandom random;
    private final String region;
    private final double base;
    private final List<Map<String, Object>> events = new ArrayList<>();

    private EventTable(long id, int steps, CounterRandom random) {
        this.random = random;
        this.region = REGIONS.get(random.below(REGIONS.size(), REGION));
        this.base = rounded(BASE_DEVIATION * random.normal(NORMAL));
        int length = steps - random.below(steps / 2 + 1, LENGTH);
        int page = 0;
        double level = base;
        long time = 0;
        for (int t = 0; t < length; t++) {
            Map<String, Object> event = event(id, t);
            time += 1 + random.below(9, draw(t, 0));
            event.put("time", time);
            page = event.get("page") instanceof String name ? Integer.parseInt(name.substring(1)) : page;
            level += event.get("a") instanceof Integer a ? a - 0.5 : MISSING_A;
            events.add(event);
        }
        boolean odd = page % 2 == 1;
        boolean order = odd != (region.equals("east") || region.equals("west"));
        String label = (turned(0) != order ? "odd" : "even") + "-" + (turned(1) != level > 0 ? "high" : "low");
        events.forEach(event -> event.put("label", label));
    }

    /** The events of a sequence, in the order of time; a missing cell is null. */
    static List<Map<String, Object>> of(long id, int steps, CounterRandom random) {
        return new EventTable(id, steps, random).events;
    }

    /** The least mean loss of a softmax, in nats: the entropy of the two bits' noise. */
    static double bestLoss() {
        return -2 * (NOISE * StrictMath.log(NOISE) + (1 - NOISE) * StrictMath.log(1 - NOISE));
    }

    private Map<String, Object> event(long id, int t) {
        Map<String, Object> event = new LinkedHashMap<>(); // in this order, so that the bytes are always the same
        event.put("id", id);
        event.put("time", 0L);
        event.put("region", region);
        event.put("base", base);
        event.put("page", cell(t, 1, "p" + (1 + random.below(PAGES, draw(t, 8)))));
        event.put("device", cell(t, 2, DEVICES.get(random.below(DEVICES.size(), draw(t, 9)))));
        event.put("action", cell(t, 3, ACTIONS.get(random.below(ACTIONS.size(), draw(t, 10)))));
        event.put("a", cell(t, 4, A[random.below(A.length, draw(t, 11))]));
        event.put("b", cell(t, 5, rounded(10 + 3 * random.normal(NORMAL + 1 + 2L * t))));
        event.put("c", cell(t, 6, rounded(random.uniform(draw(t, 12)))));
        event.put("d", cell(t, 7, rounded(100 * random.normal(NORMAL + 2 + 2L * t))));
        return event;
    }

    private static long draw(int t, int what) {
        return EVENTS + DRAWS * t + what;
    }

    private Object cell(int t, int column, Object value) {
        return random.uniform(draw(t, column)) < HOLES ? null : value;
    }

    private boolean turned(int bit) {
        return random.uniform(TURNED + bit) < NOISE;
    }

    private static double rounded(double number) {
        return Math.rint(100 * number) / 100;
    }
}
