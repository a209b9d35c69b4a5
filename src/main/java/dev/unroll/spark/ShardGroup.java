package dev.unroll.spark;

import dev.unroll.data.Shard;
import java.io.Serializable;
import java.util.List;

/** What one partition caches: a contiguous run of shards. */
record ShardGroup(List<Shard> shards) implements Serializable {}
