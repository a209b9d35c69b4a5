package dev.unroll.reference;

import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Equations (1) to (5) with numbers: takes the unrolled graph of three steps of an Elman network, forward and backward
 * done, gives a text that can be followed with pencil and paper.
 */
final class Walkthrough {

    private static final int STEPS = 3;
    private static final String INDENT = "    ";

    private final UnrolledElman net;
    private final SoftmaxHead head;

    Walkthrough(UnrolledElman net, SoftmaxHead head) {
        this.net = net;
        this.head = head;
    }

    /** In the note's order: what is given, (1), (2), (3), (4) as a recursion, (4) in closed form, (5). */
    List<String> sections() {
        return List.of(introduction(), forward(), output(), lastState(), recursion(), closedForm(), sums());
    }

    private String introduction() {
        return """
                BACK-PROPAGATION THROUGH TIME, WITH NUMBERS

                Three steps of an Elman network: two inputs, two units, f = tanh, three classes, a label at every
                step. ' transposes, * is element by element, dL/dx is the gradient of L with respect to x, da_t
                that with respect to a_t. All is computed in double and rounded for print: to two decimals where
                they are exact, to four elsewhere.

                             l(o_1, y_1)           l(o_2, y_2)           l(o_3, y_3)     L = 1/3 of their sum
                                  ^                     ^                     ^
                                 o_1                   o_2                   o_3
                                  ^ W_qh                ^ W_qh                ^ W_qh
                    h_0 = 0 ---> h_1 ----- W_hh -----> h_2 ----- W_hh -----> h_3
                                  ^ W_hx                ^ W_hx                ^ W_hx
                                 x_1                   x_2                   x_3

                Each parameter exists once and stands at every step:

                """
                + line("W_hx = #   W_hh = #   W_qh = #", net.wHx, net.wHh, head.wQh)
                + "\n"
                + line("b_h = bias_ih + bias_hh = # + # = #   b_q = #", net.bIh, net.bHh, net.bH, head.bQ)
                + "\nThe sequence, with its labels y_t counted from 0:\n\n"
                + line("x_1 = #   x_2 = #   x_3 = #   y = " + labels(), net.x[1], net.x[2], net.x[3]);
    }

    private String forward() {
        return """
                (1) FORWARD IN TIME, from h_0 = 0

                    a_t = W_hx x_t + W_hh h_{t-1} + b_h     h_t = f(a_t)     o_t = W_qh h_t + b_q
                    L = 1/T sum_t l(o_t, y_t)               l(o, y) = -log softmax(o)[y]

                """
                + places(this::forward, "\n")
                + "\n"
                + line("softmax(o_1) = #   softmax(o_2) = #   softmax(o_3) = #", softmax(1), softmax(2), softmax(3))
                + "\n"
                + line("L = 1/3 (" + places(t -> "- log " + four(probability(t)), " ") + ")")
                + line("  = 1/3 (" + places(t -> four(head.loss(t)), " + ") + ") = " + four(head.loss()));
    }

    private String forward(int t) {
        return line(at(t, "a_t = # # + # # + # = #"), net.wHx, net.x[t], net.wHh, net.h[t - 1], net.bH, net.a[t])
                + line(at(t, "h_t = f(a_t) = #   o_t = # # + # = #"), net.h[t], head.wQh, net.h[t], head.bQ, head.o[t]);
    }

    private String output() {
        return """
                (2) THE OUTPUTS

                    dL/do_t = 1/T l'(o_t, y_t)              l'(o, y) = softmax(o) - e_y, where e_y is 1 at y

                """
                + places(t -> line(at(t, "dL/do_t = 1/3 ( # - # ) = #"), softmax(t), label(t), head.dO[t]), "\n")
                + """

                    dL/dW_qh = sum_t dL/do_t h_t'           W_qh stands at three places: a sum of three

                """
                + sum(t -> at(t, "dL/do_t h_t'"), t -> head.dO[t].times(net.h[t].transpose()), head.weightGradient());
    }

    private String lastState() {
        return """
                (3) THE LAST STATE, which nothing but o_3 reads

                """ + line("dL/dh_3 = W_qh' dL/do_3 = # # = #", head.wQh.transpose(), head.dO[3], net.dh[3]);
    }

    private String recursion() {
        return """
                (4) BACKWARD IN TIME, as a recursion

                    dL/dh_t = W_hh' da_{t+1} + W_qh' dL/do_t
                    da_t    = f'(a_t) * dL/dh_t             f'(a) = 1 - tanh(a)^2

                """ + String.join("\n", preActivation(3), state(2), preActivation(2), state(1), preActivation(1));
    }

    private String preActivation(int t) {
        return line(at(t, "da_t = f'(a_t) * dL/dh_t = # * # = #"), net.slope(t), net.dh[t], net.da[t]);
    }

    private String state(int t) {
        Matrix wHh = net.wHh.transpose();
        Matrix wQh = head.wQh.transpose();
        return line(at(t, "dL/dh_t = # # + # # = #"), wHh, net.da[t + 1], wQh, head.dO[t], net.dh[t]);
    }

    private String closedForm() {
        return """
                (4) THE SAME IN CLOSED FORM: what a state receives from each later output

                    dL/dh_t = sum_{s=t..T} [prod_{j=t+1..s} W_hh' diag f'(a_j)] W_qh' dL/do_s

                    Each factor carries a gradient one step back in time. Many of them in a row are why
                    gradients vanish or explode.

                """
                + line("W_hh' diag f'(a_2) = #   W_hh' diag f'(a_3) = #", net.factor(2), net.factor(3))
                + "\n"
                + String.join("\n", closedSum(3), closedSum(2), closedSum(1))
                + """

                                          recursion           closed form  difference

                """
                + besideClosedForm(3)
                + besideClosedForm(2)
                + besideClosedForm(1);
    }

    private String closedSum(int t) {
        Matrix sum = net.closedStateGradient(t);
        return Typeset.row(at(t, "dL/dh_t = ") + terms(t), named(t, s -> "from o_" + s, s -> net.closedTerm(t, s), sum))
                .text(INDENT);
    }

    private String besideClosedForm(int t) {
        Matrix recursion = net.dh[t];
        Matrix closed = net.closedStateGradient(t);
        Matrix difference = recursion.minus(closed);
        return IntStream.range(0, 2)
                .mapToObj(k -> String.format(
                        Locale.ROOT,
                        "    dL/dh_%d[%d]  %20.16f  %20.16f  %10.1e\n",
                        t,
                        k,
                        recursion.get(k, 0),
                        closed.get(k, 0),
                        difference.get(k, 0)))
                .collect(Collectors.joining());
    }

    private String sums() {
        return """
                (5) THE PARAMETERS, each the sum over all places where it stands

                    dL/dW_hx = sum_t da_t x_t'

                """
                + sum(t -> at(t, "da_t x_t'"), t -> net.da[t].times(net.x[t].transpose()), net.inputWeightGradient())
                + """

                    dL/dW_hh = sum_t da_t h_{t-1}'

                """
                + sum(
                        t -> at(t, "da_t h_{t-1}'"),
                        t -> net.da[t].times(net.h[t - 1].transpose()),
                        net.recurrentWeightGradient())
                + """

                    dL/db_h = sum_t da_t                    the gradient of bias_ih, and of bias_hh as well

                """
                + sum(t -> at(t, "da_t"), t -> net.da[t], net.inputBiasGradient())
                + """

                    dL/db_q = sum_t dL/do_t

                """
                + sum(t -> at(t, "dL/do_t"), t -> head.dO[t], head.biasGradient());
    }

    /** A line of words and matrices. */
    private static String line(String template, Matrix... matrices) {
        return Typeset.row(template, matrices).text(INDENT);
    }

    /** The text with place t for the letter. */
    private static String at(int t, String text) {
        return text.replace("_{t-1}", "_" + (t - 1)).replace("_t", "_" + t);
    }

    /** A sum over all places: each term under its name, then the sum. */
    private static String sum(IntFunction<String> name, IntFunction<Matrix> term, Matrix sum) {
        return Typeset.row(terms(1), named(1, name, term, sum)).text(INDENT);
    }

    private static String terms(int from) {
        return "# + ".repeat(STEPS - from) + "# = #";
    }

    private static Typeset[] named(int from, IntFunction<String> name, IntFunction<Matrix> term, Matrix sum) {
        Stream<Typeset> terms = IntStream.rangeClosed(from, STEPS)
                .mapToObj(t -> Typeset.of(term.apply(t)).under(name.apply(t)));
        return Stream.concat(terms, Stream.of(Typeset.of(sum).under("sum"))).toArray(Typeset[]::new);
    }

    private static String places(IntFunction<String> text, String between) {
        return IntStream.rangeClosed(1, STEPS).mapToObj(text).collect(Collectors.joining(between));
    }

    private Matrix softmax(int t) {
        return head.probabilities(t);
    }

    /** e_y. */
    private Matrix label(int t) {
        return Matrix.unit(head.bQ.rows(), head.label(t));
    }

    private double probability(int t) {
        return softmax(t).get(head.label(t), 0);
    }

    private String labels() {
        return places(t -> Integer.toString(head.label(t)), ", ");
    }

    private static String four(double value) {
        return Typeset.number(value, 4);
    }
}
