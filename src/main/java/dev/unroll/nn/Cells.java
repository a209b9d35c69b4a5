package dev.unroll.nn;

import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;

/** Finds cells by name: the project's own, and those that the class path offers ({@link ServiceLoader}). */
public final class Cells {

    private Cells() {}

    /**
     * The cell of that name.
     *
     * @param activation of Elman's cell, tanh or relu; tanh for every other
     * @throws IllegalArgumentException for an unknown name or an activation that the cell does not have
     */
    public static Cell named(String cell, String activation) {
        if (!activation.equals("tanh") && !activation.equals("relu")) {
            throw new IllegalArgumentException("activation is " + activation + "; allowed are tanh and relu");
        }
        if (!cell.equals("elman") && activation.equals("relu")) {
            throw new IllegalArgumentException("activation relu goes with cell elman only, and cell is " + cell);
        }
        return switch (cell) {
            case "elman" -> new ElmanCell(activation.equals("relu"));
            case "lstm" -> new LstmCell();
            case "gru" -> new GruCell();
            default -> offered(cell);
        };
    }

    /** Whether {@link #named} knows the name. */
    public static boolean accepts(String cell) {
        try {
            named(cell, "tanh");
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static Cell offered(String name) {
        Map<String, Cell> offered = new TreeMap<>();
        for (Cell cell : ServiceLoader.load(Cell.class)) {
            Cell other = offered.put(cell.name(), cell);
            if (other != null && !other.getClass().equals(cell.getClass())) {
                throw new IllegalArgumentException("cell " + cell.name() + " is offered by two classes, "
                        + other.getClass().getName() + " and " + cell.getClass().getName());
            }
        }
        Cell cell = offered.get(name);
        if (cell == null) {
            throw new IllegalArgumentException("cell is " + name + "; allowed are elman, lstm and gru"
                    + (offered.isEmpty() ? "" : ", and on this class path " + offered.keySet()));
        }
        return cell;
    }
}
