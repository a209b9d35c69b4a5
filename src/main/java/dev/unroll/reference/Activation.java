package dev.unroll.reference;

/**
 * f of equation (1) with its derivative f' of equation (4), both as functions of the pre-activation a. The identity
 * exists here only, because with it the closed form of (4) becomes the note's sum of powers of W_hh'.
 */
enum Activation {
    IDENTITY {
        @Override
        double value(double a) {
            return a;
        }

        @Override
        double slope(double a) {
            return 1;
        }
    },

    TANH {
        @Override
        double value(double a) {
            return Math.tanh(a);
        }

        @Override
        double slope(double a) {
            return 1 - value(a) * value(a);
        }
    },

    /** At the kink the derivative is 0, as in the kernel and in PyTorch. */
    RELU {
        @Override
        double value(double a) {
            return Math.max(0, a);
        }

        @Override
        double slope(double a) {
            return a > 0 ? 1 : 0;
        }
    },

    /** What opens and closes the gates of LSTM, GRU and minGRU. */
    SIGMOID {
        @Override
        double value(double a) {
            return 1 / (1 + Math.exp(-a));
        }

        @Override
        double slope(double a) {
            return value(a) * (1 - value(a));
        }
    };

    /** f(a). */
    abstract double value(double a);

    /** f'(a). */
    abstract double slope(double a);
}
