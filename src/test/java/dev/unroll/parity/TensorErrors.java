package dev.unroll.parity;

import dev.unroll.nn.NetworkSpec;
import dev.unroll.param.ParameterLayout.Slot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * How far a gradient is from the expected one: for each tensor {@code max |a - b| / max |b|}, and within the tensors of a recurrent
 * layer for the rows of each gate, so that a message names the gate.
 */
final class TensorErrors {

    /** The rows of one gate, or a whole tensor. */
    private record Block(String name, double error) {
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%s: %.3g", name, error);
        }
    }

    private static final int SHOWN = 5;

    private final String cell;
    private final List<Block> blocks = new ArrayList<>();

    TensorErrors(NetworkSpec spec, double[] expected, double[] actual) {
        this.cell = spec.cell();
        for (Slot slot : spec.layout().slots()) {
            List<String> gates = slot.name().startsWith("rnn.") ? gates(cell) : List.of("");
            double largest = largest(expected, null, slot.offset(), slot.size());
            int size = slot.size() / gates.size();
            int rows = slot.rows() / gates.size();
            for (int gate = 0; gate < gates.size(); gate++) {
                double difference = largest(expected, actual, slot.offset() + gate * size, size);
                String place = gates.size() == 1
                        ? ""
                        : ", gate " + gates.get(gate) + " (rows " + gate * rows + " to " + ((gate + 1) * rows - 1)
                                + ")";
                blocks.add(new Block(slot.name() + place, difference == 0 ? 0 : difference / largest));
            }
        }
    }

    /** In the order of the rows of {@code weight_ih}, {@code weight_hh} and both biases: PyTorch's. */
    private static List<String> gates(String cell) {
        return switch (cell) {
            case "lstm" -> List.of("i", "f", "g", "o");
            case "gru" -> List.of("r", "z", "n");
            case "mingru" -> List.of("z", "n");
            default -> List.of("a");
        };
    }

    /** max |a - b|, or max |b| without an a; NaN if there is one. */
    private static double largest(double[] b, double[] a, int from, int size) {
        double largest = 0;
        for (int i = from; i < from + size; i++) {
            largest = Math.max(largest, Math.abs(b[i] - (a == null ? 0 : a[i])));
        }
        return largest;
    }

    boolean areBelow(double tolerance) {
        return blocks.stream().allMatch(block -> block.error() < tolerance); // and none is NaN
    }

    /** The worst of those that are not below {@code tolerance}. */
    String message(double tolerance) {
        List<Block> wrong = blocks.stream()
                .filter(block -> !(block.error() < tolerance))
                .sorted(Comparator.comparingDouble(Block::error).reversed())
                .toList();
        return "cell " + cell + ": " + wrong.size() + " of " + blocks.size() + " gradients have a relative error above "
                + tolerance + ", the worst " + wrong.subList(0, Math.min(SHOWN, wrong.size()));
    }
}
