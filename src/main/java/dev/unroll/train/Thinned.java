package dev.unroll.train;

import java.util.ArrayList;
import java.util.List;

/** A series that never has more than so many elements: of all, until there are more; then every second is dropped, again and again. Not thread-safe. */
public final class Thinned<T> {

    private final int most;
    private final List<T> kept = new ArrayList<>();
    private long seen;
    private long interval = 1;

    /** @param most elements at most, an even number */
    public Thinned(int most) {
        this.most = most;
    }

    public void add(T element) {
        long place = seen++;
        if (place % interval == 0 && kept.size() == most) {
            interval *= 2;
            for (int i = 0; i < most / 2; i++) {
                kept.set(i, kept.get(2 * i));
            }
            kept.subList(most / 2, most).clear();
        }
        if (place % interval == 0) {
            kept.add(element);
        }
    }

    /** What is kept, in the order in which it came. */
    public List<T> elements() {
        return List.copyOf(kept);
    }
}
