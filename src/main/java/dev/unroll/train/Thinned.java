package dev.unroll.train;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * A series with a bounded number of elements: whenever it is full, every second one is dropped, and then only every
 * second is added. Not thread-safe.
 */
public final class Thinned<T> implements Serializable {

    private static final long serialVersionUID = 1L;

    private final int most;
    private final List<T> elements = new ArrayList<>();
    private long seen;
    private long interval = 1;

    /** @param most elements at most, an even number */
    public Thinned(int most) {
        this.most = most;
    }

    public void add(T element) {
        long index = seen++;
        if (index % interval == 0 && elements.size() == most) {
            interval *= 2;
            for (int i = 0; i < most / 2; i++) {
                elements.set(i, elements.get(2 * i));
            }
            elements.subList(most / 2, most).clear();
        }
        if (index % interval == 0) {
            elements.add(element);
        }
    }

    /** Those that were not dropped, in the order in which they came. */
    public List<T> elements() {
        return List.copyOf(elements);
    }
}
