package dev.unroll.worker;

import dev.unroll.data.SequenceBatch;
import dev.unroll.nn.Draws;
import dev.unroll.nn.Network;
import dev.unroll.nn.Probe;
import java.util.List;

/**
 * Decides what is observed of a gradient besides itself, and makes the probes that note it in the sums of the shards.
 * Where the head reads the last state, each backward pass shows how far back the gradient reaches; where every step has
 * a loss, an extra pass follows one loss per sequence.
 */
final class Diagnostics {

    /** In updates of at least so many sequences, the gradient is followed through one in {@value #FOLLOWED}. */
    private static final int FOLLOW_ALL = 32;

    private static final int FOLLOWED = 4;

    private final Network network;
    private final GradientJob job;
    private final int layers;
    private final boolean everyStep;

    Diagnostics(Network network, GradientJob job) {
        this.network = network;
        this.job = job;
        this.layers = network.spec().numLayers();
        this.everyStep = network.spec().head().everyStep();
    }

    /**
     * The probe of the backward pass of a packed batch; null for a gradient under another truncation, of which nothing
     * is observed.
     *
     * @param sums by shard of the batch
     */
    Probe ofBackwardPass(SequenceBatch batch, List<GradientSum> sums) {
        if (job.request().truncation().isPresent()) {
            return null;
        }
        GradientTerms[] terms =
                sums.stream().map(sum -> sum.auxiliary().terms(layers)).toArray(GradientTerms[]::new);
        Probe probe = new GradientTerms.Watch(terms, network.hasBoundedStates());
        return everyStep ? probe : Probe.both(probe, flow(null, batch, sums));
    }

    /** Whether an extra backward pass follows the loss of one step per sequence. */
    boolean needsExtraPass() {
        return everyStep && job.request().sampled();
    }

    /** The steps, by sequence of a packed batch, whose loss the extra pass follows. */
    int[] origins(SequenceBatch batch) {
        Draws draws = job.draws();
        int[] origins = new int[batch.size()];
        for (int b = 0; b < origins.length; b++) {
            origins[b] = withTerm(batch, b, draws.step(batch, b));
        }
        return origins;
    }

    /** That step of a sequence, or the next one before it, and from the last step on, whose loss term weighs something. */
    private static int withTerm(SequenceBatch batch, int b, int step) {
        int length = batch.length(b);
        for (int back = 0; back < length; back++) {
            int t = (step + length - back) % length;
            if (batch.termWeight(batch.offset(t) + b) > 0) {
                return t;
            }
        }
        return step;
    }

    /** The probe of the extra pass, from those steps. */
    Probe ofExtraPass(int[] origins, SequenceBatch batch, List<GradientSum> sums) {
        return flow(origins, batch, sums);
    }

    /** Notes the finished sum of a shard for the noise of the gradient, where that is measured. */
    void note(GradientSum shard) {
        if (job.request().sampled()) {
            shard.noteShard();
        }
    }

    /** @param origins null for the last step of every sequence, as each backward pass shows it */
    private Probe flow(int[] origins, SequenceBatch batch, List<GradientSum> sums) {
        boolean[] watched = new boolean[batch.size()];
        GradientFlow[] flows = new GradientFlow[sums.size()];
        for (int b = 0; b < watched.length; b++) {
            watched[b] = origins != null || isFollowed(batch, b);
            if (watched[b]) {
                flows[batch.slice(b)] = sums.get(batch.slice(b)).auxiliary().flow(layers);
            }
        }
        return new GradientFlow.Watch(flows, origins, watched);
    }

    /**
     * Of many sequences only some, chosen by what they are: a choice by where they are would differ between clusters.
     */
    private boolean isFollowed(SequenceBatch batch, int b) {
        return job.request().batch().size() < FOLLOW_ALL || (batch.place(b) + batch.shardIndex(b)) % FOLLOWED == 0;
    }
}
