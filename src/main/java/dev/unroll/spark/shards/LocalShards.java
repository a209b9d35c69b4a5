package dev.unroll.spark.shards;

import dev.unroll.data.Shard;
import dev.unroll.worker.CanonicalTree;
import dev.unroll.worker.StatisticsSum;
import java.util.List;

/** Shards in the memory of this process. */
public record LocalShards(List<Shard> collect) implements Shards {

    @Override
    public long longest(int count) {
        return collect.stream().mapToLong(shard -> shard.longest(count)).max().orElse(0);
    }

    @Override
    public StatisticsSum statistics(int inputWidth, int staticWidth, int targetWidth) {
        CanonicalTree<StatisticsSum> tree = new CanonicalTree<>(collect.size());
        for (Shard shard : collect) {
            StatisticsSum sum = new StatisticsSum(inputWidth, staticWidth, targetWidth);
            sum.add(shard);
            tree.add(shard.index(), sum);
        }
        return tree.root();
    }

    @Override
    public LocalShards materialize() {
        return this;
    }

    @Override
    public void close() {
        // The garbage collector frees them.
    }
}
