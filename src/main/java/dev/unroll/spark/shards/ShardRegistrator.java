package dev.unroll.spark.shards;

import com.esotericsoftware.kryo.Kryo;
import dev.unroll.data.Shard;
import dev.unroll.data.ShardSteps;
import dev.unroll.data.ShardTerms;
import dev.unroll.data.TokenArray;
import java.util.ArrayList;
import org.apache.spark.serializer.KryoRegistrator;

/**
 * What Kryo has to know of this project ({@code spark.kryo.registrator}): the classes of cached shards, which Spark
 * serialises where they spill to disk, are fetched by another executor or move to one. Parameters, sums and rows travel
 * as {@code byte[]}, which Spark registers itself.
 */
public final class ShardRegistrator implements KryoRegistrator {

    @Override
    public void registerClasses(Kryo kryo) {
        kryo.register(ShardGroup.class);
        kryo.register(Shard.class);
        kryo.register(ShardSteps.class);
        kryo.register(ShardTerms.class);
        kryo.register(TokenArray.class);
        kryo.register(TokenArray[].class);
        kryo.register(ArrayList.class);
        kryo.register(char[].class, BulkArrays.CHARS);
        kryo.register(int[].class, BulkArrays.INTS);
        kryo.register(float[].class, BulkArrays.FLOATS);
        kryo.register(double[].class, BulkArrays.DOUBLES);
    }
}
