package dev.unroll.spark;

import dev.unroll.data.CanonicalRow;
import dev.unroll.data.Sequence;
import dev.unroll.data.Shard;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.Partitioner;
import scala.Tuple2;

/** Who gets which row: that of ordinal n goes to shard n mod U at place n div U, which the layout has in some partition. */
final class ShardDealer extends Partitioner {

    private static final long serialVersionUID = 1L;

    /** The ordinal of the sequence that a row is part of, by the key of the row. */
    interface Ordinal extends Serializable {
        long of(long key);
    }

    private final Ordinal ordinal;
    private final ShardLayout layout;

    ShardDealer(Ordinal ordinal, ShardLayout layout) {
        this.ordinal = ordinal;
        this.layout = layout;
    }

    @Override
    public int numPartitions() {
        return layout.partitions();
    }

    @Override
    public int getPartition(Object key) {
        return layout.partition(ordinal.of((Long) key));
    }

    /** Of keys: by ordinal, and by key where that is the same. */
    Comparator<Long> order() {
        return new ByOrdinal(ordinal);
    }

    /**
     * The shards of one partition, or the places that it has of one.
     *
     * @param rows of the partition in their {@link #order}; those of one ordinal make one sequence
     */
    List<Shard> shards(int partition, Iterator<Tuple2<Long, byte[]>> rows, RowDecoder decoder) {
        int first = layout.firstShard(partition);
        List<List<Sequence>> sequences = new ArrayList<>();
        for (int u = 0; u < layout.shardCount(partition); u++) {
            sequences.add(new ArrayList<>());
        }
        List<Sequence> pieces = new ArrayList<>(); // of one ordinal
        long latest = -1;
        while (rows.hasNext()) {
            Tuple2<Long, byte[]> row = rows.next();
            long next = ordinal.of(row._1());
            if (next != latest && !pieces.isEmpty()) {
                sequences.get((int) (latest % layout.shards()) - first).add(Sequence.joined(pieces));
                pieces.clear();
            }
            pieces.add(decoder.decode(new CanonicalRow(row._2())));
            latest = next;
        }
        if (!pieces.isEmpty()) {
            sequences.get((int) (latest % layout.shards()) - first).add(Sequence.joined(pieces));
        }
        List<Shard> packed = new ArrayList<>();
        for (int u = 0; u < sequences.size(); u++) {
            packed.add(Shard.ofPlacesFrom(layout.firstPlace(partition), first + u, sequences.get(u), decoder.ids()));
        }
        return packed;
    }

    private record ByOrdinal(Ordinal ordinal) implements Comparator<Long>, Serializable {
        @Override
        public int compare(Long a, Long b) {
            int order = Long.compare(ordinal.of(a), ordinal.of(b));
            return order != 0 ? order : Long.compare(a, b);
        }
    }
}
