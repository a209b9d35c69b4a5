package dev.unroll.spark.iteration;

import java.io.Serializable;
import org.apache.spark.broadcast.Broadcast;

/** Where a task gets its {@link ParameterMessage} from. */
interface Parameters extends Serializable {

    ParameterMessage get();

    /** The bytes of a {@link ParameterMessage} that were broadcast. */
    record OfBroadcast(Broadcast<byte[]> message) implements Parameters {
        @Override
        public ParameterMessage get() {
            return ParameterMessage.of(message.value());
        }
    }
}
