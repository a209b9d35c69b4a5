package dev.unroll.spark.source;

import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Ways to pack a file, as everyday tools do it: how such a file is named, and what it begins with. */
enum Packing {
    GZIP("gzip", "1F8B", ".gz"),
    BZIP2("bzip2", "425A68", ".bz2"),
    ZSTD("zstd", "28B52FFD", ".zst", ".zstd"),
    LZ4("LZ4 frames", "04224D18"), // .lz4 is also the suffix of Hadoop's own form, which has no such beginning
    OLD_LZ4("LZ4 frames", "02214C18"),
    SNAPPY("Snappy frames", "FF060000734E6150705900", ".sz"),
    XZ("xz", "FD377A585A00", ".xz", ".txz"),
    LZMA("lzma", "5D000080", ".lzma"),
    LZIP("lzip", "4C5A4950", ".lz"),
    LZOP("lzop", "894C5A4F", ".lzo"),
    COMPRESS("compress", "1F9D", ".z"),
    ZLIB("zlib", "", ".zz", ".zlib"),
    BROTLI("brotli", "", ".br"),
    ZIP("zip", "504B0304", ".zip"),
    SEVEN_ZIP("7-zip", "377ABCAF271C", ".7z"),
    RAR("rar", "526172211A07", ".rar"),
    TAR("tar", "", ".tar", ".tgz", ".tbz2", ".tar.gz", ".tar.bz2", ".tar.zst", ".tar.xz");

    /** What can be read, for messages. */
    static final String READABLE = "use gzip, bzip2 or zstd";

    /** As many bytes of a file as any of these begins with. */
    static final int LONGEST = 11;

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private final String tool;
    private final String beginning; // in hexadecimal digits; empty where there is no certain one
    private final String suffixes; // with spaces between them

    Packing(String tool, String beginning, String... suffixes) {
        this.tool = tool;
        this.beginning = beginning;
        this.suffixes = String.join(" ", suffixes);
    }

    String tool() {
        return tool;
    }

    private Stream<String> suffixes() {
        return Stream.of(suffixes.split(" ")).filter(suffix -> !suffix.isEmpty());
    }

    /** The packing of a file of this name: the one with the longest suffix. */
    static Optional<Packing> ofName(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return Stream.of(TAR, ZSTD, SNAPPY, XZ, LZMA, LZIP, LZOP, COMPRESS, ZLIB, BROTLI, ZIP, SEVEN_ZIP, RAR)
                .filter(packing -> packing.suffixes().anyMatch(lower::endsWith))
                .findFirst();
    }

    /** The packing that bytes begin as. */
    static Optional<Packing> ofBytes(byte[] bytes) {
        String hex = HEX.formatHex(bytes, 0, Math.min(bytes.length, LONGEST));
        return Stream.of(values())
                .filter(packing -> !packing.beginning.isEmpty() && hex.startsWith(packing.beginning))
                .findFirst();
    }

    /** What to say of a file that is read as it is and begins as a packed one does; empty for any other. */
    static String hint(byte[] bytes) {
        return ofBytes(bytes)
                .map(packing -> " (it begins as " + packing.tool + " does"
                        + (packing == GZIP || packing == BZIP2 || packing == ZSTD
                                ? ", and a file is unpacked if its name ends with "
                                        + packing.suffixes().findFirst().orElseThrow() + ")"
                                : "; decompress it, or " + READABLE + ")"))
                .orElse("");
    }
}
