package dev.unroll.worker;

import dev.unroll.nn.Network;
import dev.unroll.nn.NetworkSpec;
import dev.unroll.param.RowBlocks;
import dev.unroll.param.RowBlocks.Block;
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

    /** Slices of at most that many elements each; or of one row of an embedding, if that is wider. */
    public static GradientSlices of(NetworkSpec spec, int elements) {
        Network network = new Network(spec);
        List<Integer> ends = new ArrayList<>();
        int size = network.layout().size();
        RowBlocks sparse = network.sparse();
        cut(0, sparse.offset(), elements, ends);
        cut(sparse, elements, ends);
        cut(sparse.end(), size, elements, ends);
        return new GradientSlices(ends.stream().mapToInt(Integer::intValue).toArray());
    }

    /** Cuts embeddings between rows, into slices as even as whole rows allow. */
    private static void cut(RowBlocks sparse, int elements, List<Integer> ends) {
        long perSlice = Math.max(1L, elements);
        long count = Math.max(1, (sparse.size() + perSlice - 1) / perSlice);
        long even = (sparse.size() + count - 1) / count;
        long most =
                Math.min(perSlice, even + Math.max(1, sparse.widest()) - 1); // so that a slice has no less than even
        int start = sparse.offset();
        int at = start;
        for (Block block : sparse.blocks()) {
            for (int row = 0; row < block.rows(); ) {
                int fit = (int) Math.min(block.rows() - row, (most - (at - start)) / block.columns());
                if (fit < 1 && at > start) {
                    ends.add(at);
                    start = at;
                } else {
                    int rows = Math.max(1, fit);
                    row += rows;
                    at += rows * block.columns();
                }
            }
        }
        if (at > start) {
            ends.add(at);
        }
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
