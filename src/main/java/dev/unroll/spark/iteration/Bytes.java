package dev.unroll.spark.iteration;

import java.util.Locale;

/** Numbers of bytes as people read them. */
public final class Bytes {

    private Bytes() {}

    /** In MB of 2^20 bytes, with two decimals below 10 MB. */
    public static String shown(long bytes) {
        return bytes < 10 << 20
                ? String.format(Locale.ROOT, "%.2f MB", bytes / 1048576.0)
                : String.format(Locale.ROOT, "%,d MB", bytes >> 20);
    }
}
