package dev.unroll.worker;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Sums over shards, added along one fixed binary tree whatever the grouping and the order of arrival.
 *
 * <p>Node (level l, index i) covers shards i 2^l to (i + 1) 2^l - 1. The state is a forest of complete nodes.
 *
 * <ol>
 *   <li>No two siblings are present: as soon as both are, left + right becomes their parent. Nothing else ever adds.
 *   <li>A shard without a sequence is present as a node without a sum; joined with its sibling it leaves the sibling
 *       unchanged. So do the indices after the last shard, up to the next power of two.
 *   <li>Hence the forest over a set of shards is its unique decomposition into complete nodes, and {@link #merge} is
 *       associative, commutative and has the empty forest as its zero: the root's bits depend on the shards' sums
 *       alone.
 *   <li>A shard that arrives twice is an error, not a sum.
 * </ol>
 *
 * <p>NaN and infinity are added like any number. Mutable, not thread-safe.
 */
public final class CanonicalTree<S extends Sum<S>> {

    private final int shards;
    private final int rootLevel;
    /** (level, index) to sum; a null sum is a node without sequences. Ordered, so that bytes are canonical too. */
    private final NavigableMap<Long, S> nodes = new TreeMap<>();

    private final Consumer<S> merged;

    /** The empty forest over that many shards. */
    public CanonicalTree(int shards) {
        this(shards, sum -> {});
    }

    /** @param merged is given every sum that was added to another, so that its arrays can be used again */
    CanonicalTree(int shards, Consumer<S> merged) {
        this.shards = shards;
        this.merged = merged;
        this.rootLevel = 32 - Integer.numberOfLeadingZeros(shards - 1);
    }

    /** Adds the sum of one shard; null where the shard has no sequence. */
    public void add(int shard, S sum) {
        if (shard < 0 || shard >= shards) {
            throw new IllegalArgumentException("shard " + shard + " of " + shards);
        }
        arrive(0, shard, sum);
    }

    /**
     * Adds the sums of several shards, none of them null. Those that make up a whole node are added up together.
     *
     * @param ofShards the shards, as many as sums
     */
    void addAll(int[] ofShards, List<S> sums) {
        for (int at = 0, size; at < sums.size(); at += size) {
            int level = levelOfNode(ofShards, at);
            size = 1 << level;
            List<S> node = sums.subList(at, at + size);
            S sum = node.get(0);
            sum.mergeNode(node);
            node.subList(1, size).forEach(merged);
            arrive(level, ofShards[at] >> level, sum);
        }
    }

    /** The level of the highest node that begins with a shard and of which all shards follow it. */
    private static int levelOfNode(int[] ofShards, int at) {
        int shard = ofShards[at];
        int following = 1; // shards that come one after the other from here on
        while (at + following < ofShards.length && ofShards[at + following] == shard + following) {
            following++;
        }
        int level = 0;
        while (2 << level <= following && shard % (2 << level) == 0) {
            level++;
        }
        return level;
    }

    /**
     * Adds all nodes of another forest, which must be over other shards, and takes over its sums: it must not be used
     * any more.
     */
    public void merge(CanonicalTree<S> other) {
        if (other.shards != shards) {
            throw new IllegalArgumentException(
                    "a tree over " + other.shards + " shards cannot join one over " + shards);
        }
        other.nodes.forEach((key, sum) -> arrive(level(key), index(key), sum));
    }

    private void arrive(int level, int index, S sum) {
        if (holds(level, index)) {
            throw new IllegalStateException(
                    "node (" + level + ", " + index + ") of the tree over " + shards + " shards arrived twice");
        }
        insert(level, index, sum);
    }

    /** Whether a shard of that node is here: in the node itself, in one above it, or in one below it. */
    private boolean holds(int level, int index) {
        for (int above = level; above <= rootLevel; above++) {
            if (nodes.containsKey(key(above, index >> (above - level)))) {
                return true;
            }
        }
        for (int below = 0; below < level; below++) {
            long first = (long) index << (level - below);
            long next = (index + 1L) << (level - below);
            if (!nodes.subMap(key(below, first), key(below, next)).isEmpty()) {
                return true;
            }
        }
        return false;
    }

    private void insert(int level, int index, S sum) {
        if (level == rootLevel) {
            nodes.put(key(level, index), sum);
            return;
        }
        int sibling = index ^ 1;
        boolean beyond = (long) sibling << level >= shards;
        if (!beyond && !nodes.containsKey(key(level, sibling))) {
            nodes.put(key(level, index), sum);
            return;
        }
        S other = beyond ? null : nodes.remove(key(level, sibling));
        insert(level + 1, index >> 1, sibling > index ? join(sum, other) : join(other, sum));
    }

    private S join(S left, S right) {
        if (left == null || right == null) {
            return left == null ? right : left;
        }
        left.merge(right);
        merged.accept(right);
        return left;
    }

    /**
     * The sum over all shards.
     *
     * @throws IllegalStateException if a shard is missing, or none has a sequence
     */
    public S root() {
        S root = nodes.get(key(rootLevel, 0));
        if (root == null && nodes.containsKey(key(rootLevel, 0))) {
            throw new IllegalStateException("none of the " + shards + " shards has a sequence");
        }
        if (root == null) {
            throw new IllegalStateException("the tree over " + shards + " shards is not complete: it has "
                    + nodes.keySet().stream()
                            .map(k -> "(" + level(k) + ", " + index(k) + ")")
                            .toList());
        }
        return root;
    }

    /** The forest of what a function makes of each sum, as for a slice of it. */
    public <T extends Sum<T>> CanonicalTree<T> map(Function<S, T> function) {
        CanonicalTree<T> mapped = new CanonicalTree<>(shards);
        nodes.forEach((key, sum) -> mapped.nodes.put(key, sum == null ? null : function.apply(sum)));
        return mapped;
    }

    /** Bytes that {@link #write} writes. */
    public int byteCount() {
        int bytes = Integer.BYTES;
        for (S sum : nodes.values()) {
            bytes = Math.addExact(bytes, Long.BYTES + 1);
            bytes = Math.addExact(bytes, sum == null ? 0 : sum.byteCount());
        }
        return bytes;
    }

    /**
     * Number of nodes (int); then per node, in ascending order, level and index (long), whether it has a sum (byte),
     * and the sum.
     */
    public void write(ByteBuffer out) {
        out.putInt(nodes.size());
        nodes.forEach((key, sum) -> {
            out.putLong(key).put((byte) (sum == null ? 0 : 1));
            if (sum != null) {
                sum.write(out);
            }
        });
    }

    /** The forest as a message of its own. */
    public byte[] toBytes() {
        return MessageBytes.write(byteCount(), this::write);
    }

    /**
     * Merges a forest that {@link #write} wrote.
     *
     * @param read reads one sum
     * @throws IllegalStateException for bytes that are no forest of this tree
     */
    public void merge(ByteBuffer in, Function<ByteBuffer, S> read) {
        for (int n = MessageBytes.count(in, Long.BYTES + 1, "nodes"); n > 0; n--) {
            MessageBytes.require(in, Long.BYTES + 1);
            long key = in.getLong();
            int level = level(key);
            int index = index(key);
            byte flag = in.get();
            if (level < 0 || level > rootLevel || index < 0 || (long) index << level >= shards || (flag >> 1) != 0) {
                throw MessageBytes.damaged("node (" + level + ", " + index + ") with flag " + flag
                        + " is not one of the tree over " + shards + " shards");
            }
            arrive(level, index, flag == 0 ? null : read.apply(in));
        }
    }

    private static long key(int level, long index) {
        return (long) level << 32 | index;
    }

    private static int level(long key) {
        return (int) (key >>> 32);
    }

    private static int index(long key) {
        return (int) key;
    }
}
