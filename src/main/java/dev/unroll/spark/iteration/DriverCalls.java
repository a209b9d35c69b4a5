package dev.unroll.spark.iteration;

import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkEnv;
import org.apache.spark.rpc.RpcCallContext;
import org.apache.spark.rpc.RpcEndpoint;
import org.apache.spark.rpc.RpcEndpointRef;
import org.apache.spark.rpc.RpcEnv;
import org.apache.spark.rpc.RpcTimeout;
import org.apache.spark.util.RpcUtils;
import scala.PartialFunction;
import scala.concurrent.duration.FiniteDuration;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractPartialFunction;
import scala.runtime.BoxedUnit;

/**
 * Calls from tasks to the driver, which answers when it likes: Spark's own RPC, with its authentication and encryption.
 * This is the only file that names the classes of that RPC, which Spark keeps to itself.
 *
 * <p>Between processes a message is a {@code byte[]}: Spark reads messages with a class loader that may not know a jar
 * given by {@code --jars}. Within one process a message is handed over as it is.
 */
final class DriverCalls implements AutoCloseable {

    private static final RpcTimeout TIMEOUT = new RpcTimeout(new FiniteDuration(1, TimeUnit.HOURS), "an hour");

    private final RpcEnv env;
    private final RpcEndpointRef endpoint;

    /** Answers calls; called by several threads at once. */
    interface Answers {
        void called(Object message, Reply reply);
    }

    /** The way back to the caller, who waits. */
    interface Reply {
        void send(Object answer);
    }

    private DriverCalls(RpcEnv env, RpcEndpointRef endpoint) {
        this.env = env;
        this.endpoint = endpoint;
    }

    /** On the driver: calls under a name, which no other may have in this application. */
    static DriverCalls answer(String name, Answers answers) {
        RpcEnv env = SparkEnv.get().rpcEnv();
        return new DriverCalls(env, env.setupEndpoint(name, new Endpoint(env, answers)));
    }

    /** On an executor: the line to the driver's endpoint of that name. */
    static Line line(String name) {
        SparkEnv env = SparkEnv.get();
        RpcEndpointRef driver = RpcUtils.makeDriverRef(name, env.conf(), env.rpcEnv());
        return message -> driver.askSync(message, TIMEOUT, ClassTag$.MODULE$.Any());
    }

    /** What a task calls by. */
    interface Line {
        /** Waits for the driver's answer; throws what Spark throws where the driver is not there any more. */
        Object call(Object message);
    }

    /** Nobody is answered any more. */
    @Override
    public void close() {
        env.stop(endpoint);
    }

    private record Endpoint(RpcEnv rpcEnv, Answers answers) implements RpcEndpoint {

        @Override
        public PartialFunction<Object, BoxedUnit> receiveAndReply(RpcCallContext context) {
            return new AbstractPartialFunction<>() {
                @Override
                public boolean isDefinedAt(Object message) {
                    return true;
                }

                @Override
                public BoxedUnit apply(Object message) {
                    answers.called(message, context::reply);
                    return BoxedUnit.UNIT;
                }
            };
        }
    }
}
