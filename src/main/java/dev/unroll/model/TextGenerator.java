package dev.unroll.model;

import dev.unroll.data.Printable;
import dev.unroll.data.Sequence;
import dev.unroll.data.SequenceBatch;
import dev.unroll.data.Vocabulary;
import dev.unroll.math.CounterRandom;
import dev.unroll.nn.Network;
import dev.unroll.nn.State;
import dev.unroll.nn.Weights;
import dev.unroll.nn.Workspace;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Generates text with a language model, token by token; the seed makes it deterministic. Not thread-safe. */
public final class TextGenerator {

    private static final System.Logger LOG = System.getLogger(TextGenerator.class.getName());
    private static final long PURPOSE = 8;

    // Of unknown tokens in a sentence.
    private static final int SHOWN = 5;
    private static final int SHOWN_LENGTH = 40;

    private final Model model;
    private final Network network;
    private final Weights weights;
    private final Workspace workspace;
    private final SequenceBatch batch = new SequenceBatch();

    public TextGenerator(Model model) {
        this.model = model;
        this.network = new Network(model.spec());
        this.weights = network.bind(model.theta());
        this.workspace = network.newWorkspace();
    }

    /**
     * Continues a prompt until the end mark, or until {@code length} tokens are added.
     *
     * @param prompt tokens to start from; may be empty. Those that the model does not know are logged, and count as
     *     the unknown token
     * @param length tokens to add at most
     * @param temperature probabilities are raised to 1 / temperature: below 1 the text is safer; 0 takes the most
     *     probable token
     * @param topK only the k most probable tokens are drawn from; 0 for all
     * @return the tokens added
     */
    public List<String> generate(List<String> prompt, int length, double temperature, int topK, long seed) {
        warnOfUnknown(prompt);
        CounterRandom random = new CounterRandom(seed, PURPOSE);
        State state = network.newState(1);
        step(model.vocabulary().id(Vocabulary.END), state);
        for (String token : prompt) {
            step(model.vocabulary().id(token), state);
        }
        List<String> added = new ArrayList<>();
        int end = model.vocabulary().id(Vocabulary.END);
        while (added.size() < length) {
            int id = draw(temperature, topK, random.uniform(added.size()));
            if (id == end) {
                break;
            }
            added.add(model.vocabulary().token(id));
            step(id, state);
        }
        return added;
    }

    private void warnOfUnknown(List<String> prompt) {
        List<String> unknown = unknown(prompt);
        if (unknown.isEmpty()) {
            return;
        }
        String sentence = "of the prompt's " + prompt.size() + " tokens the model does not know " + unknown.size()
                + ": "
                + unknown.stream()
                        .limit(SHOWN)
                        .map(token -> Printable.of(token, SHOWN_LENGTH))
                        .collect(Collectors.joining(", "))
                + (unknown.size() > SHOWN ? ", ..." : "");
        LOG.log(System.Logger.Level.WARNING, sentence + "; they count as the unknown token");
    }

    /** The tokens that the model does not know, in their order. */
    public List<String> unknown(List<String> tokens) {
        return tokens.stream()
                .filter(token -> model.vocabulary().id(token) == Vocabulary.UNKNOWN)
                .toList();
    }

    private void step(int id, State state) {
        batch.pack(List.of(Sequence.ofTokens(new int[] {id}, new int[] {0}, 1f)));
        network.step(weights, batch, state, workspace);
        network.probabilities(weights, batch, workspace);
    }

    /** Draws an id by its probability; the reserved id of unknown tokens is never drawn. */
    private int draw(double temperature, int topK, double uniform) {
        float[] probabilities = workspace.values();
        int size = model.vocabulary().size();
        List<Integer> ids = new ArrayList<>();
        for (int id = 0; id < size; id++) {
            if (id != Vocabulary.UNKNOWN) {
                ids.add(id);
            }
        }
        // Most probable first, ties by id: the sort is stable.
        ids.sort((a, b) -> Float.compare(probabilities[b], probabilities[a]));
        if (temperature == 0) {
            return ids.get(0);
        }
        int candidates = topK == 0 ? ids.size() : Math.min(topK, ids.size());
        double[] weight = new double[candidates];
        double total = 0;
        for (int i = 0; i < candidates; i++) {
            weight[i] = StrictMath.pow(probabilities[ids.get(i)], 1 / temperature);
            total += weight[i];
        }
        double left = uniform * total;
        for (int i = 0; i < candidates; i++) {
            left -= weight[i];
            if (left < 0) {
                return ids.get(i);
            }
        }
        return ids.get(candidates - 1);
    }
}
