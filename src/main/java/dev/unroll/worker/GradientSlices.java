package dev.unroll.worker;

import dev.unroll.nn.Network;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.param.ParameterLayout.Slot;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * Where gradient sums of a network are cut so that each slice can be merged somewhere else: the tree adds element by
 * element, so slices have the bits of the whole. A tensor of which few rows are touched is cut between its rows only,
 * so that a slice stays sparse.
 */
public final class GradientSlices implements Serializable {

    private static final long serialVersionUID = 1L;

    private final int[] ends; // of each slice, ascending

    private GradientSlices(int[] ends) {
        this.ends = ends;
    }

    /** Slices of about that many elements each, at most. */
    public static GradientSlices of(NetworkSpec spec, int elements) {
        Network network = new Network(spec);
        List<Integer> ends = new ArrayList<>();
        int size = network.layout().size();
        Slot sparse = network.sparse();
        if (sparse == null) {
            cut(0, size, 1, elements, ends);
        } else {
            int end = sparse.offset() + sparse.size();
            cut(0, sparse.offset(), 1, elements, ends);
            cut(sparse.offset(), end, sparse.columns(), elements, ends);
            cut(end, size, 1, elements, ends);
        }
        return new GradientSlices(ends.stream().mapToInt(Integer::intValue).toArray());
    }

    /** Cuts a range into even slices of whole rows. */
    private static void cut(int from, int to, int row, int elements, List<Integer> ends) {
        long rows = ((long) to - from) / row;
        long perSlice = Math.max(1L, elements / row);
        long count = (rows + perSlice - 1) / perSlice;
        for (long k = 1; k <= count; k++) {
            ends.add(from + (int) (rows * k / count) * row);
        }
    }

    public int count() {
        return ends.length;
    }

    /** One slice of every sum of a forest; the first has loss and auxiliary sums. */
    public CanonicalTree<GradientSum> slice(CanonicalTree<GradientSum> forest, int index) {
        int from = index == 0 ? 0 : ends[index - 1];
        return forest.map(sum -> sum.slice(from, ends[index], index == 0));
    }
}
