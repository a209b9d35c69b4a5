package dev.unroll.worker;

import java.nio.ByteBuffer;

/**
 * What is summed along with gradient and loss: auxiliary outputs, as automatic differentiation calls them (JAX's {@code
 * has_aux}). They are how far back the gradient reaches, the two terms of equation (4), what the noise of the gradient
 * is estimated from, and the states of streams. Mutable.
 *
 * <p>Whoever adds one more of them changes this class only.
 */
public final class AuxiliarySums {

    private GradientFlow flow; // null where the gradient was not followed
    private GradientTerms terms; // null where nothing was observed
    private GradientNoise.Shards noiseShards = GradientNoise.Shards.NONE;
    private final StreamStates states = new StreamStates();

    AuxiliarySums() {}

    /** How far back the gradient of single losses reaches; null where it was not followed. */
    public GradientFlow flow() {
        return flow;
    }

    /** The flow to add to, with room for that many layers. */
    GradientFlow flow(int layers) {
        if (flow == null) {
            flow = new GradientFlow(layers);
        }
        return flow;
    }

    /** The two terms of equation (4) by layer, and saturation; null where nothing was observed. */
    public GradientTerms terms() {
        return terms;
    }

    /** The terms to add to, with room for that many layers. */
    GradientTerms terms(int layers) {
        if (terms == null) {
            terms = new GradientTerms(layers);
        }
        return terms;
    }

    /** What the noise of the gradient is estimated from. */
    GradientNoise.Shards noiseShards() {
        return noiseShards;
    }

    /** Notes the one shard that this is of. */
    void noteShard(GradientNoise.Shards shard) {
        noiseShards = shard;
    }

    /** The states that streams are in after their windows; none where no state is carried. */
    public StreamStates states() {
        return states;
    }

    /** Becomes this + other. */
    void merge(AuxiliarySums other) {
        if (other.flow != null) {
            flow(other.flow.layers()).merge(other.flow);
        }
        if (other.terms != null) {
            terms(other.terms.layers()).merge(other.terms);
        }
        noiseShards = noiseShards.plus(other.noiseShards);
        states.merge(other.states);
    }

    int byteCount() {
        int bytes = 2 + GradientNoise.Shards.BYTES;
        bytes = Math.addExact(bytes, flow == null ? 0 : flow.byteCount());
        bytes = Math.addExact(bytes, terms == null ? 0 : terms.byteCount());
        return Math.addExact(bytes, states.byteCount());
    }

    /** Whether there is a flow, the flow; whether there are terms, the terms; noise; states. */
    void write(ByteBuffer out) {
        out.put((byte) (flow == null ? 0 : 1));
        if (flow != null) {
            flow.write(out);
        }
        out.put((byte) (terms == null ? 0 : 1));
        if (terms != null) {
            terms.write(out);
        }
        noiseShards.write(out);
        states.write(out);
    }

    /** Reads what {@link #write} wrote. */
    static AuxiliarySums read(ByteBuffer in) {
        AuxiliarySums read = new AuxiliarySums();
        read.flow = isThere(in) ? GradientFlow.read(in) : null;
        read.terms = isThere(in) ? GradientTerms.read(in) : null;
        MessageBytes.require(in, GradientNoise.Shards.BYTES);
        read.noiseShards = GradientNoise.Shards.read(in);
        read.states.merge(StreamStates.read(in));
        return read;
    }

    private static boolean isThere(ByteBuffer in) {
        MessageBytes.require(in, 1);
        return in.get() != 0;
    }
}
