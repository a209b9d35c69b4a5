package dev.unroll.worker;

import dev.unroll.nn.Network;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.param.RowBlocks;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * Where gradient sums of a network are cut so that each slice can be merged somewhere else: the tree adds element by
 * element, so slices have the bits of the whole. Embeddings, of which few rows are touched, are cut between rows only, so
 * that a slice stays sparse.
 */
public final class GradientSlices implements Serializable {

    private static final long serialVersionUID = 1L;

    private final int[] ends; // of each slice, ascending

    private GradientSlices(int[] ends) {
        this.ends = ends;
    }

    /** Slices of about that many elements each, at most; or of one row of an embedding, if that is wider. */
    public static GradientSlices of(NetworkSpec spec, int elements) {
        Network network = new Network(spec);
        List<Integer> ends = new ArrayList<>();
        int size = network.layout().size();
        RowBlocks sparse = network.sparse();
        cut(0, sparse.offset(), elements, ends);
        int widest = Math.max(1, sparse.widest());
        int count = ends.size();
        cut(sparse.offset(), sparse.end(), elements - widest + 1, ends); // room for what moves an end to that of a row
        ends.subList(count, ends.size()).replaceAll(sparse::rowStart);
        cut(sparse.end(), size, elements, ends);
        return new GradientSlices(
                ends.stream().mapToInt(Integer::intValue).distinct().toArray());
    }

    /** Cuts a range into even slices of at most so many elements, and at least one. */
    private static void cut(int from, int to, int elements, List<Integer> ends) {
        long size = (long) to - from;
        long perSlice = Math.max(1L, elements);
        long count = (size + perSlice - 1) / perSlice;
        for (long k = 1; k <= count; k++) {
            ends.add(from + (int) (size * k / count));
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
